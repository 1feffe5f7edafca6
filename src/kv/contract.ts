import type { CancelSignal } from '../cancel-signal.ts';

/** Answered at once where the engine can, so that a guest need not be suspended. */
export type MaybePromise<T> = T | Promise<T>;

/** How long the caller of one method waits. */
export interface KvCall {
  /** On the clock of `performance.now()`, in ms; Infinity where there is none. */
  readonly deadline: number;
  /** Aborted when the caller has gone away. */
  readonly signal?: CancelSignal;
}

/** What an engine accepts. Constant while the keyspace is open. */
export interface KvLimits {
  /** Bytes. */
  readonly keySize: number;
  /** Bytes. */
  readonly valueSize: number;
  /** Checks or writes in one commit, whichever are more. */
  readonly commitOperations: number;
  /** Bytes of all keys and values in one commit. */
  readonly commitSize: number;
}

export interface Entry {
  /** Belongs to whoever asked. */
  value: Uint8Array;
  version: bigint;
  /** Unix time in ms; 0: never. */
  expiresAt: number;
}

export type Check =
  | { readonly key: Uint8Array; readonly is: 'version'; readonly version: bigint }
  | { readonly key: Uint8Array; readonly is: 'absent' | 'present' };

export type Write =
  | {
      readonly key: Uint8Array;
      readonly put: Uint8Array;
      /** Ms from the moment of the commit; 0: never expires. */
      readonly ttl: number;
    }
  | { readonly key: Uint8Array; readonly put: undefined };

export interface Commit {
  readonly checks: readonly Check[];
  /** No key twice. */
  readonly writes: readonly Write[];
}

export type CommitResult =
  | {
      /** Of every key that was put; 0 where none was. */
      readonly version: bigint;
    }
  | {
      /** Index of the first check that did not hold; nothing was written. */
      readonly failedCheck: number;
    };

export interface ScanRange {
  /** First key, inclusive. */
  readonly start: Uint8Array;
  /** Exclusive; absent: to the last key. */
  readonly end: Uint8Array | undefined;
  /** Entries at the most, from 1 to SCAN_ENTRIES. */
  readonly limit: number;
  /** Values are left empty. */
  readonly keysOnly: boolean;
}

export interface KeyEntry extends Entry {
  key: Uint8Array;
}

export interface ScanPage {
  /** Ascending by the bytes of the key. May be empty although `next` is there. */
  readonly entries: readonly KeyEntry[];
  /** Where to go on, inclusive; absent: nothing is left. */
  readonly next?: Uint8Array;
}

/**
 * One component's keys. Whatever is asked and written here keeps to `limits`, which dispatch.ts
 * sees to. Buffers handed in are not written to and stay the caller's, who must not change
 * them until the answer is there.
 *
 * Each method sees and makes one consistent state. Keys whose time has come are absent at that
 * very moment. Fails with a KvError, always before the call's deadline or at once after it.
 */
export interface Keyspace {
  readonly limits: KvLimits;
  /** How acknowledged writes may get lost, in words for operators; absent: not as far as is known. */
  readonly caution?: string | undefined;
  /** One answer for each key, in the same order. */
  get(keys: readonly Uint8Array[], call: KvCall): MaybePromise<readonly (Entry | undefined)[]>;
  /**
   * All writes or none. Every version is greater than all that this keyspace gave before; none
   * comes again.
   */
  commit(request: Commit, call: KvCall): MaybePromise<CommitResult>;
  scan(range: ScanRange, call: KvCall): MaybePromise<ScanPage>;
  /** Gives up this use of the keyspace; calls under way are answered first or fail. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;

/** Of engines that have no narrower ones of their own. */
export const WIDEST_LIMITS: KvLimits = {
  keySize: 64 * 1024,
  valueSize: 64 * MIB,
  commitOperations: 10_000,
  commitSize: 64 * MIB,
};

/** Keys in one get. */
export const GET_KEYS = 10_000;

/** Entries in one page of a scan. */
export const SCAN_ENTRIES = 1000;

/** Bytes of keys and values after which a page ends. */
export const SCAN_BYTES = MIB;

/** Bytes of one reply's values: no guest may make the host gather more. */
export const REPLY_BYTES = 64 * MIB;

/** Ms; some 250 years: etcd's leases end at 285. */
export const LONGEST_TTL = 8_000_000_000_000;
