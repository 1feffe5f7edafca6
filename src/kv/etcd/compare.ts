import type { ICompare } from 'etcd3';
import type { Check, Entry } from '../contract.ts';
import { aliveAfter, isAlive } from './envelope.ts';

/** No key ever has it. */
const IMPOSSIBLE_REVISION = String(2n ** 63n - 1n);

/**
 * The comparisons that hold exactly where the check does at `now`. `known` is what was last read
 * of the key, if it was: with it a key that expired, but that etcd still has, can be told absent,
 * and a version whose expiry is known needs one comparison instead of two.
 */
export function comparisons(
  check: Check,
  key: Buffer,
  known: Entry | undefined,
  now: number,
): readonly ICompare[] {
  const alive: ICompare = { key, target: 'Value', result: 'Greater', value: aliveAfter(now) };
  const at = (revision: string): ICompare => ({
    key,
    target: 'Mod',
    result: 'Equal',
    mod_revision: revision,
  });
  switch (check.is) {
    case 'present':
      return [alive];
    case 'absent':
      return known !== undefined && !isAlive(known, now)
        ? [at(String(known.version))]
        : [{ key, target: 'Version', result: 'Equal', version: 0 }];
    case 'version': {
      const { version } = check;
      if (version === 0n || version >= 2n ** 63n) return [at(IMPOSSIBLE_REVISION)];
      if (known?.version !== version) return [at(String(version)), alive];
      return [at(isAlive(known, now) ? String(version) : IMPOSSIBLE_REVISION)];
    }
  }
}

/** Whether a check holds for what was read; undefined: there is no such key. */
export function holds(check: Check, found: Entry | undefined, now: number): boolean {
  const there = found !== undefined && isAlive(found, now);
  if (check.is === 'absent') return !there;
  return there && (check.is !== 'version' || found.version === check.version);
}
