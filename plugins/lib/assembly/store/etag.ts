import { Slice } from '../slice';

/**
 * Whether the text could be an entity tag at all: visible ASCII without quotes (RFC 9110, 8.8.3).
 * What fails this was damaged on its way, most often by keeping HTTP's quotes.
 */
export function isEntityTag(etag: Slice): bool {
  for (let i: u32 = 0; i < etag.size; i++) {
    const byte: u32 = load<u8>(etag.at + i);
    if (byte < 0x21 || byte > 0x7e || byte === 0x22) return false;
  }
  return true;
}

/**
 * The version that an etag names; 0, which no entry has, where it names none. Only the form that
 * this store hands out counts: "07" is not "7".
 */
export function versionOf(etag: Slice): u64 {
  if (etag.size > 20 || load<u8>(etag.at) === 48) return 0;
  let version: u64 = 0;
  for (let i: u32 = 0; i < etag.size; i++) {
    const digit = <u64>load<u8>(etag.at + i) - 48;
    if (digit > 9) return 0;
    if (version > (u64.MAX_VALUE - digit) / 10) return 0;
    version = version * 10 + digit;
  }
  return version;
}
