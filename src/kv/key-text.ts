/** One character for each byte of a key: for Maps, as equal bytes are not equal objects. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
