/** Writes fields of a protobuf message whose size is known before. */
export class PlainWriter {
  readonly bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** A field's tag, of one byte, and its value as a varint; also what stands before a message. */
  number(tag: number, value: number | bigint): void {
    this.bytes[this.#at] = tag;
    this.#at += 1;
    this.#varint(value);
  }

  sized(tag: number, content: Uint8Array): void {
    this.number(tag, content.length);
    this.bytes.set(content, this.#at);
    this.#at += content.length;
  }

  #varint(value: number | bigint): void {
    if (typeof value === 'bigint') {
      if (value <= Number.MAX_SAFE_INTEGER) return this.#varint(Number(value));
      this.#byte(Number(value & 127n) + 128);
      return this.#varint(value >> 7n);
    }
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.bytes[this.#at] = byte;
    this.#at += 1;
  }
}

/** Bytes of a field with a tag of one byte and `size` bytes of content. */
export function sizedSize(size: number): number {
  return 1 + varintSize(size) + size;
}

/** Bytes of a varint; none is negative. */
export function varintSize(value: number | bigint): number {
  if (typeof value === 'bigint') {
    return value <= Number.MAX_SAFE_INTEGER
      ? varintSize(Number(value))
      : 1 + varintSize(value >> 7n);
  }
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}
