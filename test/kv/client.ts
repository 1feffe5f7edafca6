import {
  CommitRequest,
  CommitResponse,
  ErrorCode,
  GetRequest,
  GetResponse,
  ScanRequest,
  ScanResponse,
  type Check,
  type Entry,
  type KeyEntry,
  type Write,
} from '../../src/gen/wasmstate/kv/v1/kv.ts';
import type { KvCall, Keyspace } from '../../src/kv/contract.ts';
import { dispatchKv } from '../../src/kv/dispatch.ts';

export const NO_DEADLINE: KvCall = { deadline: Infinity };

/** A call that has `ms` from now. */
export function within(ms: number): KvCall {
  return { deadline: performance.now() + ms };
}

const EMPTY = Buffer.alloc(0);

/** Text as UTF-8, bytes as they are. */
export function bytes(value: string | Uint8Array): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value);
}

type Bytes = string | Uint8Array;

export const put = (key: Bytes, value: Bytes, ttl = 0): Write => ({
  key: bytes(key),
  operation: { $case: 'put', value: { value: bytes(value), ttl: BigInt(ttl) } },
});
export const remove = (key: Bytes): Write => ({
  key: bytes(key),
  operation: { $case: 'delete', value: {} },
});
export const isAbsent = (key: Bytes): Check => ({
  key: bytes(key),
  condition: { $case: 'absent', value: true },
});
export const isPresent = (key: Bytes): Check => ({
  key: bytes(key),
  condition: { $case: 'present', value: true },
});
export const hasVersion = (key: Bytes, version: bigint): Check => ({
  key: bytes(key),
  condition: { $case: 'version', value: version },
});

export interface ScanOptions {
  prefix?: Bytes;
  start?: Bytes;
  end?: Bytes;
  limit?: number;
  cursor?: Uint8Array;
  keysOnly?: boolean;
}

/** What a guest would be: messages of kv.proto, encoded and decoded. */
export class Client {
  readonly keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  async tryGet(keys: readonly Bytes[], call = NO_DEADLINE): Promise<GetResponse> {
    const request = GetRequest.encode({ keys: keys.map(bytes) }).finish();
    return GetResponse.decode(await dispatchKv(this.keyspace, 'get', request, call));
  }

  async tryCommit(
    writes: readonly Write[],
    checks: readonly Check[] = [],
    call = NO_DEADLINE,
  ): Promise<CommitResponse> {
    const request = CommitRequest.encode({ checks: [...checks], writes: [...writes] }).finish();
    return CommitResponse.decode(await dispatchKv(this.keyspace, 'commit', request, call));
  }

  async tryScan(options: ScanOptions, call = NO_DEADLINE): Promise<ScanResponse> {
    const request = ScanRequest.encode({
      prefix: bytes(options.prefix ?? EMPTY),
      start: bytes(options.start ?? EMPTY),
      end: bytes(options.end ?? EMPTY),
      limit: options.limit ?? 0,
      cursor: bytes(options.cursor ?? EMPTY),
      keysOnly: options.keysOnly ?? false,
    }).finish();
    return ScanResponse.decode(await dispatchKv(this.keyspace, 'scan', request, call));
  }

  async get(...keys: readonly Bytes[]): Promise<readonly Entry[]> {
    const { entries } = requireSuccess(await this.tryGet(keys));
    return entries;
  }

  /** The value as text; undefined: absent. */
  async text(key: Bytes): Promise<string | undefined> {
    const [entry] = await this.get(key);
    return entry?.found === true ? entry.value.toString() : undefined;
  }

  /** The version that was given; throws where a check failed. */
  async commit(writes: readonly Write[], checks: readonly Check[] = []): Promise<bigint> {
    const { version, failedCheck } = requireSuccess(await this.tryCommit(writes, checks));
    if (failedCheck !== undefined) throw new Error(`check ${failedCheck.index} failed`);
    return version;
  }

  /** The index of the check that failed; throws where none did. */
  async failedCheck(writes: readonly Write[], checks: readonly Check[]): Promise<number> {
    const { failedCheck } = requireSuccess(await this.tryCommit(writes, checks));
    if (failedCheck === undefined) throw new Error('the commit succeeded');
    return failedCheck.index;
  }

  /** All pages. */
  async entries(options: ScanOptions = {}): Promise<KeyEntry[]> {
    const entries: KeyEntry[] = [];
    let cursor: Uint8Array = EMPTY;
    do {
      const page = requireSuccess(await this.tryScan({ ...options, cursor }));
      entries.push(...page.entries);
      cursor = page.cursor;
    } while (cursor.length > 0);
    return entries;
  }

  /** The keys of all pages, as text of one character a byte. */
  async keys(options: ScanOptions = {}): Promise<string[]> {
    const entries = await this.entries(options);
    return entries.map(({ key }) => key.toString('latin1'));
  }
}

function requireSuccess<T extends Pick<GetResponse, 'error'>>(response: T): T {
  if (response.error === undefined) return response;
  throw new Error(`${faultOf(response)}: ${response.error.message}`);
}

/** The word of kv.proto's ErrorCode that a response carries; undefined: it succeeded. */
export function faultOf({ error }: Pick<GetResponse, 'error'>): string | undefined {
  if (error === undefined) return undefined;
  const name = Object.entries(ErrorCode).find(([, code]) => code === error.code)?.[0];
  return name?.replace('ERROR_CODE_', '');
}
