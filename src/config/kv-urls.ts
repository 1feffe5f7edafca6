import { z } from 'zod';

/** A URL with one of `protocols`; the message never repeats it, as it may hold a password. */
function url(protocols: readonly string[], example: string) {
  return z
    .string('must be text')
    .refine((value) => isUrl(value, protocols), `must be a URL such as ${example}`);
}

function isUrl(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol);
}

/** `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS. */
export const redisUrl = url(['redis:', 'rediss:'], 'redis://host:6379')
  .refine(
    (value) => !URL.canParse(value) || /^\/?\d*$/.test(new URL(value).pathname),
    'must end in the number of a database, as redis://host:6379/0, or without one',
  )
  .refine(
    (value) => !URL.canParse(value) || hasReadableUser(new URL(value)),
    'must have user and password percent-encoded; or put them in kv.username and kv.password',
  );

function hasReadableUser({ username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false;
  }
}

/** As libpq's: `postgres://[user[:password]@]host[:port]/database[?sslmode=require]`. */
export const postgresUrl = url(['postgres:', 'postgresql:'], 'postgres://user@host:5432/database');

/** Endpoints of one etcd cluster with commas between them; gives a list. */
export const etcdUrls = z
  .string('must be text')
  .transform((value) => value.split(',').map((part) => part.trim()))
  .refine(
    (parts) => parts.every((part) => isUrl(part, ['http:', 'https:']) && isBare(part)),
    'must be URLs such as http://host:2379, with commas between them, and user and password in kv.username and kv.password',
  );

function isBare(value: string): boolean {
  const { username, password, pathname } = new URL(value);
  return username === '' && password === '' && pathname === '/';
}
