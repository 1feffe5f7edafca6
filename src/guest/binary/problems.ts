import { REFUSED_FEATURES } from './features.ts';
import type { HardenOptions } from './harden.ts';
import * as limits from './limits.ts';
import type { FunctionBody, ModuleInfo } from './module-info.ts';
import { signatureText } from './module-info.ts';
import { functionNames } from './names.ts';
import { place } from './reader.ts';
import { RESERVED_PREFIX } from './rewrite.ts';

/** More of a kind than this are counted, not listed. */
const LISTED = 20;

/** Functions as messages name them: the index, and the name where the module has one. */
class FunctionLabels {
  readonly #bytes: Uint8Array;
  readonly #info: ModuleInfo;
  #names: ReadonlyMap<number, string> | undefined;

  constructor(bytes: Uint8Array, info: ModuleInfo) {
    this.#bytes = bytes;
    this.#info = info;
  }

  of(index: number): string {
    // Only a refusal needs the names, which can be many.
    this.#names ??= functionNames(this.#bytes, this.#info);
    const name = this.#names.get(index);
    return name === undefined ? `function ${index}` : `function ${index} (${name})`;
  }
}

function mebibytes(pages: number): string {
  return `${(pages * limits.PAGE_BYTES) / 1024 / 1024} MiB`;
}

function* memoryProblems(info: ModuleInfo, limitPages: number): Generator<string> {
  const memory = info.memories[0];
  if (memory === undefined && info.complete) {
    yield 'it has no memory: export one named "memory"';
  }
  if (memory?.imported === false && !memory.is64 && memory.minimum > limitPages) {
    yield `its memory has ${mebibytes(memory.minimum)} at the start, more than the limit of ${mebibytes(limitPages)} (${place(memory.offset)}): raise limits.memory, or build it with less`;
  }
}

function* importProblems(
  info: ModuleInfo,
  allowed: HardenOptions['allowedImports'],
): Generator<string> {
  for (const { module, name, kind, signature, offset } of info.imports) {
    const label = `import "${module}" "${name}"`;
    if (signature === undefined) {
      yield `${label} is a ${kind}, and only functions can be imported (${place(offset)})`;
      continue;
    }
    const reason = allowed(module, name, signature);
    if (reason !== undefined) {
      yield `${label} ${signatureText(signature)}: ${reason} (${place(offset)})`;
    }
  }
}

function* tableProblems(info: ModuleInfo): Generator<string> {
  for (const [index, { minimum, offset }] of info.tables.entries()) {
    if (minimum > limits.MAX_TABLE_ELEMENTS) {
      yield `table ${index} has ${minimum} elements, more than the ${limits.MAX_TABLE_ELEMENTS} that the host allows (${place(offset)})`;
    }
  }
}

function* countProblems(info: ModuleInfo): Generator<string> {
  const counts: [number, number, string][] = [
    [info.types, limits.MAX_TYPES, 'types'],
    [info.imports.length, limits.MAX_IMPORTS, 'imports'],
    [info.functions.length, limits.MAX_FUNCTIONS, 'functions'],
    [info.tables.length, limits.MAX_TABLES, 'tables'],
    [info.globals, limits.MAX_GLOBALS, 'globals'],
    [info.exports.length, limits.MAX_EXPORTS, 'exports'],
    [info.elementSegments, limits.MAX_ELEMENT_SEGMENTS, 'element segments'],
  ];
  for (const [count, limit, what] of counts) {
    if (count > limit) yield `it has ${count} ${what}, more than the ${limit} that the host allows`;
  }
}

function bodyProblem(body: FunctionBody): string | undefined {
  const { locals, control } = body;
  const measures: [number, number, string][] = [
    [body.end - body.start, limits.MAX_FUNCTION_BYTES, 'bytes'],
    [locals, limits.MAX_FUNCTION_LOCALS, 'locals'],
    [control, limits.MAX_FUNCTION_CONTROL, 'branches and calls'],
    [body.values, limits.MAX_FUNCTION_VALUES, 'values in branches and calls'],
    [body.loops, limits.MAX_FUNCTION_LOOPS, 'loops'],
    [body.loopNesting, limits.MAX_LOOP_NESTING, 'loops inside each other'],
  ];
  const exceeded = measures.find(([measured, limit]) => measured > limit);
  if (exceeded !== undefined) {
    return `has ${exceeded[0]} ${exceeded[2]}, more than the ${exceeded[1]} that can be compiled safely`;
  }
  if (locals * control > limits.MAX_LOCALS_TIMES_CONTROL) {
    return `has ${locals} locals across ${control} branches and calls, more than can be compiled safely: build it with optimisation`;
  }
  return undefined;
}

function* functionProblems(info: ModuleInfo, labels: FunctionLabels): Generator<string> {
  for (const [index, body] of info.bodies.entries()) {
    const problem = bodyProblem(body);
    if (problem !== undefined) {
      const label = labels.of(info.importedFunctions + index);
      yield `${label} ${problem} (${place(body.start)})`;
    }
  }
}

function* featureProblems(info: ModuleInfo, labels: FunctionLabels): Generator<string> {
  for (const [feature, use] of info.features) {
    const reason = REFUSED_FEATURES.get(feature);
    if (reason === undefined) continue;
    const within = use.functionIndex === undefined ? '' : `${labels.of(use.functionIndex)}, `;
    const detail = use.detail === undefined ? '' : `: ${use.detail}`;
    yield `it uses ${reason}${detail} (first in ${within}${place(use.offset)})`;
  }
}

function* exportProblems(info: ModuleInfo): Generator<string> {
  for (const { name } of info.exports) {
    if (name.startsWith(RESERVED_PREFIX)) {
      yield `export "${name}": names that begin with ${RESERVED_PREFIX} belong to the host`;
    }
  }
}

function listed(problems: Iterable<string>): string[] {
  const all = [...problems];
  if (all.length <= LISTED) return all;
  return [...all.slice(0, LISTED), `and ${all.length - LISTED} more of that kind`];
}

/** Everything for which the host does not load the module, as parts of one sentence. */
export function findProblems(
  bytes: Uint8Array,
  info: ModuleInfo,
  limitPages: number,
  allowedImports: HardenOptions['allowedImports'],
): string[] {
  const labels = new FunctionLabels(bytes, info);
  return [
    memoryProblems(info, limitPages),
    importProblems(info, allowedImports),
    tableProblems(info),
    featureProblems(info, labels),
    countProblems(info),
    functionProblems(info, labels),
    exportProblems(info),
  ].flatMap((problems) => listed(problems));
}
