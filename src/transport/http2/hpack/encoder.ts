import { STATIC_TABLE } from './static-table.ts';

/** The longest integer that stands in a prefix of 7 bits. */
const PREFIX = 127;

/**
 * A header block of fields that neither side remembers, so that it is the same bytes on every
 * connection (RFC 7541, section 6.2.2). One character of a value is one byte.
 */
export function encodeFields(fields: Iterable<readonly [name: string, value: string]>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    const index = STATIC_TABLE.findIndex(([known, its]) => known === name && its === value);
    if (index >= 0) parts.push(Buffer.of(0x80 | (index + 1)));
    else parts.push(Buffer.of(0), ...literal(name), ...literal(value));
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
