import { Slice, sameBytes } from '../slice';
import { MAX_DEPTH } from './json-reader';

/** A step of the paths that a query names, with the steps that follow it. */
@final
export class PathNode {
  name: Slice = new Slice();
  /** The element of an array that the name also stands for; -1: none. */
  element: i32 = -1;
  /** Where the value goes, if a path ends here; -1: none does. */
  slot: i32 = -1;
  children: Array<PathNode> = new Array<PathNode>();

  member(name: usize, size: u32): PathNode | null {
    for (let i = 0; i < this.children.length; i++) {
      const child = unchecked(this.children[i]);
      if (sameBytes(child.name.at, child.name.size, name, size)) return child;
    }
    return null;
  }

  elementAt(index: i32): PathNode | null {
    for (let i = 0; i < this.children.length; i++) {
      const child = unchecked(this.children[i]);
      if (child.element === index) return child;
    }
    return null;
  }
}

/** What is said of a text that `slotFor` refuses. */
export const BAD_PATH = 'must be names joined by dots, none of them empty, and 200 at the most';

/** All paths of a query as one tree, so that a document is read once for all of them. */
@final
export class Paths {
  root: PathNode = new PathNode();
  count: i32 = 0;

  /**
   * The slot for a path such as `person.tags.0`: names of members, or places in an array, joined by
   * dots. The text has to stay where it is.
   * @returns -1 where a step is empty, or there are more than documents may nest.
   */
  slotFor(path: Slice): i32 {
    let node = this.root;
    let steps = 0;
    let from: u32 = 0;
    for (let i: u32 = 0; i <= path.size; i++) {
      if (i < path.size && load<u8>(path.at + i) !== 0x2e) continue;
      if (i === from || steps++ === MAX_DEPTH) return -1;
      node = step(node, path.at + from, i - from);
      from = i + 1;
    }
    if (node.slot < 0) node.slot = this.count++;
    return node.slot;
  }
}

function step(node: PathNode, name: usize, size: u32): PathNode {
  const known = node.member(name, size);
  if (known !== null) return known;
  const child = new PathNode();
  child.name.set(name, size);
  child.element = elementOf(name, size);
  node.children.push(child);
  return child;
}

/** "0" and "12" name elements, "012" and what is beyond 9 digits do not. */
function elementOf(name: usize, size: u32): i32 {
  if (size > 9 || (size > 1 && load<u8>(name) === 0x30)) return -1;
  let element = 0;
  for (let i: u32 = 0; i < size; i++) {
    const digit = <i32>load<u8>(name + i) - 48;
    if (digit < 0 || digit > 9) return -1;
    element = element * 10 + digit;
  }
  return element;
}
