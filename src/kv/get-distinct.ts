import type { Entry, KvCall, Keyspace, MaybePromise } from './contract.ts';
import { keyText } from './key-text.ts';

type Found = readonly (Entry | undefined)[];

/**
 * Asks the engine for each key once, so that a request of few bytes that repeats the key of a
 * large value does not fetch it as often.
 */
export function getDistinct(
  keyspace: Keyspace,
  keys: readonly Uint8Array[],
  call: KvCall,
): MaybePromise<Found> {
  if (keys.length === 0) return [];
  if (keys.length === 1) return keyspace.get(keys, call);
  const places = new Map<string, number>();
  const distinct: Uint8Array[] = [];
  const place = keys.map((key) => {
    const name = keyText(key);
    let at = places.get(name);
    if (at === undefined) {
      at = distinct.push(key) - 1;
      places.set(name, at);
    }
    return at;
  });
  const found = keyspace.get(distinct, call);
  if (distinct.length === keys.length) return found;
  const spread = (entries: Found): Found => place.map((at) => entries[at]);
  return found instanceof Promise ? found.then(spread) : spread(found);
}
