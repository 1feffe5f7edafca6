import type { Entry } from '../contract.ts';

/** What the statements of schema.ts give, as text. */
export type EntryRow = readonly [version: string, expires: string, value: string];
export type KeyRow = readonly [key: string, ...EntryRow];
/** The value is null where there are too many bytes. */
export type SizedRow = readonly [
  key: string,
  version: string,
  expires: string,
  value: string | null,
];

export function entryOf([version, expires, value]: EntryRow): Entry {
  return { version: BigInt(version), expiresAt: Number(expires), value: fromHex(value) };
}

/** A bytea as PostgreSQL writes it with `bytea_output = hex`. */
export function hexText(bytes: Uint8Array): string {
  return `\\x${asBuffer(bytes).toString('hex')}`;
}

export function fromHex(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}

/** The same bytes. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
