import { isAscii } from 'node:buffer';
import {
  REPLY_BYTES,
  SCAN_BYTES,
  WIDEST_LIMITS,
  type Check,
  type Commit,
  type CommitResult,
  type Entry,
  type Keyspace,
  type KvCall,
  type ScanPage,
  type ScanRange,
} from '../contract.ts';
import { KvError } from '../kv-error.ts';
import { successor } from '../range.ts';
import type { Lease } from '../shared.ts';
import { evictionOf } from './eviction.ts';
import type { RedisLink } from './link.ts';
import { replyTooLarge } from '../write-reply.ts';
import { COMMIT, GET_MANY, SCAN, type Script } from './scripts.ts';

/** Members that one scan looks at, expired ones included: a script stops the server meanwhile. */
const SCAN_ROWS = '4096';

/** Version and expiry, before each value. */
const HEADER = 16;

/**
 * A keyspace in Redis 6 or later, or Valkey, in one slot of a cluster. A commit is one script,
 * hence atomic; it is as durable as the server's persistence makes it, and whole only where the
 * server evicts nothing (`maxmemory-policy noeviction`). Times are the server's.
 */
export class RedisKeyspace implements Keyspace {
  readonly limits = WIDEST_LIMITS;
  readonly caution: string | undefined;
  readonly #lease: Lease<RedisLink>;
  readonly #link: RedisLink;
  /** What stands before each key, in UTF-8. */
  readonly #values: string;
  readonly #valuesBytes: Buffer;
  readonly #sets: readonly [version: string, keys: string, expiries: string];

  private constructor(lease: Lease<RedisLink>, base: string, caution: string | undefined) {
    this.caution = caution;
    this.#lease = lease;
    this.#link = lease.value;
    this.#values = `${base}/`;
    this.#valuesBytes = Buffer.from(this.#values);
    this.#sets = [`${base}:version`, `${base}:keys`, `${base}:expiries`];
  }

  /** Takes over the lease. `name` is the keyspace's among those of the same `prefix`. */
  static async open(lease: Lease<RedisLink>, prefix: string, name: string): Promise<RedisKeyspace> {
    const base = `${prefix}:{${name}}`;
    return new RedisKeyspace(lease, base, await evictionOf(lease.value, base));
  }

  get(keys: readonly Uint8Array[], call: KvCall): Promise<readonly (Entry | undefined)[]> {
    const names = keys.map((key) => this.#valueOf(key));
    if (names.length === 1) {
      const command = { args: ['GET', ...names], reads: true };
      return this.#link.send(this.#values, command, call, (value) => [this.#entry(value)]);
    }
    const args = [...begin(GET_MANY, names.length), ...names, String(REPLY_BYTES)];
    const command = { args, script: GET_MANY, reads: true };
    return this.#link.send(this.#values, command, call, (values) => {
      if (!Array.isArray(values)) throw replyTooLarge();
      return values.map((value) => this.#entry(value));
    });
  }

  commit({ checks, writes }: Commit, call: KvCall): Promise<CommitResult> {
    const args = begin(COMMIT, this.#sets.length + checks.length + writes.length);
    args.push(...this.#sets);
    for (const { key } of checks) args.push(this.#valueOf(key));
    for (const { key } of writes) args.push(this.#valueOf(key));
    args.push(String(checks.length), String(this.#valuesBytes.length));
    for (const check of checks) args.push(wanted(check));
    for (const write of writes) {
      if (write.put === undefined) args.push('-', '');
      else args.push(String(write.ttl), textOrBytes(write.put));
    }
    return this.#link.send(this.#values, { args, script: COMMIT, reads: false }, call, (reply) => {
      const version = Number(reply);
      return version < 0 ? { failedCheck: -version - 1 } : { version: BigInt(version) };
    });
  }

  scan({ start, end, limit, keysOnly }: ScanRange, call: KvCall): Promise<ScanPage> {
    const [, keys, expiries] = this.#sets;
    const args = begin(SCAN, 2);
    args.push(keys, expiries);
    args.push(Buffer.concat([Buffer.from('['), start]));
    args.push(end === undefined ? '+' : Buffer.concat([Buffer.from('('), end]));
    for (const number of [limit, SCAN_BYTES, SCAN_ROWS, keysOnly ? 1 : 0]) {
      args.push(String(number));
    }
    args.push(this.#values);
    return this.#link.send(this.#values, { args, script: SCAN, reads: true }, call, (reply) =>
      this.#page(reply as Buffer[]),
    );
  }

  close(): Promise<void> {
    return this.#lease.release();
  }

  #page([last, ...found]: readonly Buffer[]): ScanPage {
    const entries = [];
    for (let index = 0; index < found.length; index += 2) {
      const [key, value] = [found[index], this.#entry(found[index + 1])];
      if (key !== undefined && value !== undefined) entries.push({ key, ...value });
    }
    if (last === undefined || last.length === 0) return { entries };
    return { entries, next: successor(last.subarray(1)) };
  }

  #valueOf(key: Uint8Array): string | Buffer {
    const name = textOrBytes(key);
    return typeof name === 'string' ? this.#values + name : Buffer.concat([this.#valuesBytes, key]);
  }

  #entry(value: unknown): Entry | undefined {
    if (value === null) return undefined;
    if (!Buffer.isBuffer(value) || value.length < HEADER) {
      throw new KvError('INTERNAL', `${this.#link.where}: a value was written by another program`);
    }
    return {
      version: value.readBigUInt64BE(0),
      expiresAt: Number(value.readBigUInt64BE(8)),
      value: value.subarray(HEADER),
    };
  }
}

/** The first arguments of a script's run. */
function begin(script: Script, keys: number): (string | Buffer)[] {
  return ['EVALSHA', script.sha, String(keys)];
}

function wanted(check: Check): string | Buffer {
  if (check.is !== 'version') return check.is;
  const version = Buffer.allocUnsafe(8);
  version.writeBigUInt64BE(check.version);
  return version;
}

/** Bytes; a longer text costs more as a string, which is copied twice. */
const LONGEST_TEXT = 4096;

/**
 * ASCII as a string. The client joins strings into one piece for the socket, where each Buffer
 * makes two more.
 */
function textOrBytes(bytes: Uint8Array): string | Buffer {
  const { buffer, byteOffset, byteLength } = bytes;
  const same = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength);
  return byteLength <= LONGEST_TEXT && isAscii(same) ? same.toString('latin1') : same;
}
