import { STATIC_TABLE } from './static-table.ts';

/** How a field begins (RFC 7541, section 6). */
const INDEXED = 0x80;
const NOT_INDEXED = 0;
const NEVER_INDEXED = 0x10;

/** The longest integer that stands in a prefix of 7 bits. */
const PREFIX = 127;

/** In lower case. A `secret` one is to be kept out of the tables of proxies too. */
export type Field = readonly [name: string, value: string, secret?: boolean];

/**
 * A header block of fields that neither side remembers, so that it is the same bytes on every
 * connection (RFC 7541, sections 6.2.2 and 6.2.3). One character of a value is one byte.
 */
export function encodeFields(fields: Iterable<Field>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value, secret = false] of fields) {
    const index = STATIC_TABLE.findIndex(([known, its]) => known === name && its === value);
    if (index >= 0 && !secret) parts.push(Buffer.of(INDEXED | (index + 1)));
    else {
      const first = Buffer.of(secret ? NEVER_INDEXED : NOT_INDEXED);
      parts.push(first, ...literal(name), ...literal(value));
    }
  }
  return Buffer.concat(parts);
}

function literal(text: string): readonly Buffer[] {
  return [integer(text.length), Buffer.from(text, 'latin1')];
}

/** RFC 7541, section 5.1. */
function integer(value: number): Buffer {
  if (value < PREFIX) return Buffer.of(value);
  const bytes = [PREFIX];
  let rest = value - PREFIX;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  return Buffer.from([...bytes, rest]);
}
