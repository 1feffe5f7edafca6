import type { HeaderBlock } from '../../http2/hpack/decoder.ts';

/** What a request begins with. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, those that begin with a colon included. */
  readonly fields: readonly string[];
}

const COLON = 0x3a;

/** Of HTTP/1.1's connections; HTTP/2 has other ways (RFC 9113, section 8.2.2). */
const CONNECTION_FIELDS = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** The head of a request; undefined: it is malformed (RFC 9113, section 8.3.1). */
export function readHead({ fields, isValid }: HeaderBlock): RequestHead | undefined {
  if (!isValid) return undefined;
  let method = '';
  let scheme = '';
  let path = '';
  let pseudo = 0;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    const value = fields[at + 1] ?? '';
    if (name.charCodeAt(0) !== COLON) {
      if (CONNECTION_FIELDS.has(name) || (name === 'te' && value !== 'trailers')) return undefined;
      continue;
    }
    // They come first, and each of them once.
    if (pseudo !== at) return undefined;
    pseudo += 2;
    if (name === ':method' && method === '') method = value;
    else if (name === ':scheme' && scheme === '') scheme = value;
    else if (name === ':path' && path === '') path = value;
    else if (name !== ':authority') return undefined;
  }
  if (method === '' || scheme === '' || path === '') return undefined;
  return { method, path, fields };
}

/** Trailers of a request have no place for what only a head may have. */
export function areTrailers({ fields, isValid }: HeaderBlock): boolean {
  return isValid && !fields.some((name, at) => at % 2 === 0 && name.charCodeAt(0) === COLON);
}

/** Bytes of the body, as content-length says; undefined: it is not there; NaN: it is no number. */
export function announcedSize(fields: readonly string[]): number | undefined {
  const text = fieldOf(fields, 'content-length');
  if (text === undefined) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}

/** The first value of a field; undefined: there is none. */
export function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1];
  return undefined;
}
