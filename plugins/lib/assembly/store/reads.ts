import { invalidArgument } from '../failure';
import { isUtf8 } from '../utf8';
import { Backend } from './backend';
import { Keys } from './keys';

/** Looks keys up in one round; `backend.entry` then shows each of them. @returns false: failed. */
export function readAll(backend: Backend, keys: Keys): bool {
  for (let i = 0; i < keys.count; i++) {
    const key = keys.at(i);
    if (key.size === 0) {
      invalidArgument('a key is empty');
      return false;
    }
    if (!isUtf8(key.at, key.size)) {
      invalidArgument('a key is not UTF-8 text');
      return false;
    }
  }
  return keys.count === 0 || backend.get(keys);
}
