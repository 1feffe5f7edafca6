import type { RedisLink } from './link.ts';

/** Ms to wait for what is but a caution. */
const PATIENCE = 1000;

const POLICY = /^maxmemory_policy:(\S+)/m;
const LIMIT = /^maxmemory:(\d+)/m;

/**
 * A caution where the server that keeps `route` removes keys once it is full; undefined where it
 * does not, or does not tell: a user's rights may leave INFO out.
 */
export async function evictionOf(link: RedisLink, route: string): Promise<string | undefined> {
  const call = { deadline: performance.now() + PATIENCE };
  const command = { args: ['INFO', 'memory'], reads: true };
  const info = await link.send(route, command, call, String).catch(() => '');
  const policy = POLICY.exec(info)?.[1] ?? 'noeviction';
  if (policy === 'noeviction' || LIMIT.exec(info)?.[1] === '0') return undefined;
  return `${link.where} evicts keys when it is full (maxmemory-policy ${policy}), and with them acknowledged state; set maxmemory-policy to noeviction`;
}
