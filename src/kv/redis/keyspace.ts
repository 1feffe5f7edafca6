import {
  REPLY_BYTES,
  SCAN_BYTES,
  type Check,
  type Commit,
  type CommitResult,
  type Entry,
  type Keyspace,
  type KvCall,
  type KvLimits,
  type ScanPage,
  type ScanRange,
} from '../contract.ts';
import { KvError } from '../kv-error.ts';
import { successor } from '../range.ts';
import type { Lease } from '../shared.ts';
import type { RedisLink } from './link.ts';
import { replyTooLarge } from '../write-reply.ts';
import { COMMIT, GET_MANY, SCAN } from './scripts.ts';

const MIB = 1024 * 1024;

const LIMITS: KvLimits = {
  keySize: 64 * 1024,
  valueSize: 64 * MIB,
  commitOperations: 10_000,
  commitSize: 64 * MIB,
};

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
  readonly limits = LIMITS;
  readonly #lease: Lease<RedisLink>;
  readonly #link: RedisLink;
  readonly #values: Buffer;
  readonly #sets: readonly [version: Buffer, keys: Buffer, expiries: Buffer];

  /** Takes over the lease. `name` is the keyspace's among those of the same `prefix`. */
  constructor(lease: Lease<RedisLink>, prefix: string, name: string) {
    this.#lease = lease;
    this.#link = lease.value;
    const base = `${prefix}:{${name}}`;
    this.#values = Buffer.from(`${base}/`);
    this.#sets = [
      Buffer.from(`${base}:version`),
      Buffer.from(`${base}:keys`),
      Buffer.from(`${base}:expiries`),
    ];
  }

  async get(keys: readonly Uint8Array[], call: KvCall): Promise<readonly (Entry | undefined)[]> {
    const names = keys.map((key) => this.#valueOf(key));
    const [only] = names;
    if (names.length === 1 && only !== undefined) {
      return [this.#entry(await this.#link.read(this.#values, ['GET', only], call))];
    }
    const args = [Buffer.from(String(names.length)), ...names, Buffer.from(String(REPLY_BYTES))];
    const values = await this.#link.run(this.#values, GET_MANY, args, call, true);
    if (!Array.isArray(values)) throw replyTooLarge();
    return values.map((value) => this.#entry(value));
  }

  async commit({ checks, writes }: Commit, call: KvCall): Promise<CommitResult> {
    const args: Buffer[] = [Buffer.from(String(this.#sets.length + checks.length + writes.length))];
    args.push(...this.#sets);
    for (const { key } of checks) args.push(this.#valueOf(key));
    for (const { key } of writes) args.push(this.#valueOf(key));
    args.push(Buffer.from(String(checks.length)), Buffer.from(String(this.#values.length)));
    for (const check of checks) args.push(wanted(check));
    for (const write of writes) {
      if (write.put === undefined) args.push(DELETE, EMPTY);
      else args.push(Buffer.from(String(write.ttl)), asBuffer(write.put));
    }
    const result = await this.#link.run(this.#values, COMMIT, args, call, false);
    const version = Number(result);
    return version < 0 ? { failedCheck: -version - 1 } : { version: BigInt(version) };
  }

  async scan(range: ScanRange, call: KvCall): Promise<ScanPage> {
    const [, keys, expiries] = this.#sets;
    const { start, end, limit, keysOnly } = range;
    const args: Buffer[] = [Buffer.from('2'), keys, expiries];
    args.push(Buffer.concat([Buffer.from('['), start]));
    args.push(end === undefined ? Buffer.from('+') : Buffer.concat([Buffer.from('('), end]));
    for (const number of [limit, SCAN_BYTES, SCAN_ROWS, keysOnly ? 1 : 0]) {
      args.push(Buffer.from(String(number)));
    }
    args.push(this.#values);
    const [last, ...found] = (await this.#link.run(
      this.#values,
      SCAN,
      args,
      call,
      true,
    )) as Buffer[];
    const entries = [];
    for (let index = 0; index < found.length; index += 2) {
      const [key, value] = [found[index], this.#entry(found[index + 1])];
      if (key !== undefined && value !== undefined) entries.push({ key, ...value });
    }
    if (last === undefined || last.length === 0) return { entries };
    return { entries, next: successor(last.subarray(1)) };
  }

  close(): Promise<void> {
    return this.#lease.release();
  }

  #valueOf(key: Uint8Array): Buffer {
    return Buffer.concat([this.#values, key]);
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

const EMPTY = Buffer.alloc(0);
const DELETE = Buffer.from('-');
const ABSENT = Buffer.from('absent');
const PRESENT = Buffer.from('present');

function wanted(check: Check): Buffer {
  if (check.is !== 'version') return check.is === 'absent' ? ABSENT : PRESENT;
  const version = Buffer.alloc(8);
  version.writeBigUInt64BE(check.version);
  return version;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
