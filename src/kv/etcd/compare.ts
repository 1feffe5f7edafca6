import {
  Compare_CompareResult,
  Compare_CompareTarget,
  type Compare,
} from '../../gen/etcd/v3/etcd.ts';
import type { Check, Entry } from '../contract.ts';
import { aliveAfter, isAlive } from './envelope.ts';

const { EQUAL, GREATER } = Compare_CompareResult;
const { VERSION, MOD, VALUE } = Compare_CompareTarget;

/** No key ever has it. */
const IMPOSSIBLE_REVISION = 2n ** 63n - 1n;

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
): readonly Compare[] {
  const alive = (): Compare => ({
    key,
    target: VALUE,
    result: GREATER,
    targetUnion: { $case: 'value', value: aliveAfter(now) },
  });
  const at = (revision: bigint): Compare => ({
    key,
    target: MOD,
    result: EQUAL,
    targetUnion: { $case: 'modRevision', value: revision },
  });
  switch (check.is) {
    case 'present':
      return [alive()];
    case 'absent':
      return known !== undefined && !isAlive(known, now)
        ? [at(known.version)]
        : [{ key, target: VERSION, result: EQUAL, targetUnion: { $case: 'version', value: 0n } }];
    case 'version': {
      const { version } = check;
      if (version === 0n || version >= 2n ** 63n) return [at(IMPOSSIBLE_REVISION)];
      if (known?.version !== version) return [at(version), alive()];
      return [at(isAlive(known, now) ? version : IMPOSSIBLE_REVISION)];
    }
  }
}

/** Whether a check holds for what was read; undefined: there is no such key. */
export function holds(check: Check, found: Entry | undefined, now: number): boolean {
  const there = found !== undefined && isAlive(found, now);
  if (check.is === 'absent') return !there;
  return there && (check.is !== 'version' || found.version === check.version);
}
