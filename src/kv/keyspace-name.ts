import { createHash } from 'node:crypto';

/** Whose keys: one component's, or all that share a name. */
export type KeyspaceOwner =
  { readonly plugin: string; readonly component: string } | { readonly share: string };

/** Bytes of one encoded part; a file name may have 255 and SQLite appends to it. */
const LONGEST = 200;

/**
 * A name for an owner's keyspace, `<plugin>/<component>` or `~shared/<name>`, of which each part
 * is safe as a file name on every system and inside keys: lower-case letters, digits, `-`, `_`
 * and inner dots stay as they are, every other byte of the UTF-8 becomes `%XX`. Different
 * owners have different names, also where a file system ignores case.
 */
export function keyspaceName(owner: KeyspaceOwner): string {
  return 'share' in owner
    ? `~shared/${encodePart(owner.share)}`
    : `${encodePart(owner.plugin)}/${encodePart(owner.component)}`;
}

function encodePart(part: string): string {
  if (part === '') return '~';
  let encoded = '';
  for (const byte of Buffer.from(part, 'utf8')) {
    const character = String.fromCharCode(byte);
    const safe = /[a-z0-9_-]/.test(character) || (character === '.' && encoded !== '');
    encoded += safe ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  if (encoded.length <= LONGEST) return encoded;
  const digest = createHash('sha256').update(part, 'utf8').digest('hex');
  return `${encoded.slice(0, LONGEST - digest.length - 1)}~${digest}`;
}
