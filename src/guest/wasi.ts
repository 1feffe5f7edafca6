/**
 * WASI preview 1 as a guest of a state store needs it: clocks, random numbers, output that
 * becomes log lines, sleep, exit. There are no files, no network and no arguments, so every
 * descriptor but the standard streams is bad. Numbers are those of the WASI preview 1 text
 * (https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md).
 */
import { randomFillSync } from 'node:crypto';
import type { MemoryView } from './memory-view.ts';
import type { OutputLines } from './output-lines.ts';

const SUCCESS = 0;
const EBADF = 8;
const EFAULT = 21;
const EINVAL = 28;
const ESPIPE = 70;

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const FILETYPE_CHARACTER_DEVICE = 2;
const EVENTTYPE_CLOCK = 0;
const SUBSCRIPTION_CLOCK_ABSTIME = 1;

const MAX_IOVECS = 1024;
const MAX_WRITE = 65_536;
const MAX_SUBSCRIPTIONS = 1024;
const MAX_RANDOM = 16 * 1024 ** 2;

/** Every function of the standard: parameters `:` result, i for i32 and I for i64. */
export const WASI_SIGNATURES: Readonly<Record<string, string>> = {
  args_get: 'ii:i',
  args_sizes_get: 'ii:i',
  clock_res_get: 'ii:i',
  clock_time_get: 'iIi:i',
  environ_get: 'ii:i',
  environ_sizes_get: 'ii:i',
  fd_advise: 'iIIi:i',
  fd_allocate: 'iII:i',
  fd_close: 'i:i',
  fd_datasync: 'i:i',
  fd_fdstat_get: 'ii:i',
  fd_fdstat_set_flags: 'ii:i',
  fd_fdstat_set_rights: 'iII:i',
  fd_filestat_get: 'ii:i',
  fd_filestat_set_size: 'iI:i',
  fd_filestat_set_times: 'iIIi:i',
  fd_pread: 'iiiIi:i',
  fd_prestat_dir_name: 'iii:i',
  fd_prestat_get: 'ii:i',
  fd_pwrite: 'iiiIi:i',
  fd_read: 'iiii:i',
  fd_readdir: 'iiiIi:i',
  fd_renumber: 'ii:i',
  fd_seek: 'iIii:i',
  fd_sync: 'i:i',
  fd_tell: 'ii:i',
  fd_write: 'iiii:i',
  path_create_directory: 'iii:i',
  path_filestat_get: 'iiiii:i',
  path_filestat_set_times: 'iiiiIIi:i',
  path_link: 'iiiiiii:i',
  path_open: 'iiiiiIIii:i',
  path_readlink: 'iiiiii:i',
  path_remove_directory: 'iii:i',
  path_rename: 'iiiiii:i',
  path_symlink: 'iiiii:i',
  path_unlink_file: 'iii:i',
  poll_oneoff: 'iiii:i',
  proc_exit: 'i:',
  proc_raise: 'i:i',
  random_get: 'ii:i',
  sched_yield: ':i',
  sock_accept: 'iii:i',
  sock_recv: 'iiiiii:i',
  sock_send: 'iiiii:i',
  sock_shutdown: 'ii:i',
};

/** A guest ended itself; it cannot be called again unless this was the end of `_start`. */
export class GuestExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the guest ended itself with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

export interface WasiHost {
  readonly memory: () => MemoryView;
  readonly env: Readonly<Record<string, string>>;
  readonly stdout: OutputLines;
  readonly stderr: OutputLines;
  /** Ends after so many milliseconds, or fails when the call that the guest is in ends. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

type WasiFunction = (...parameters: never[]) => number | Promise<number>;

/** The functions of module `wasi_snapshot_preview1`; only poll_oneoff may answer later. */
export function wasiImports(host: WasiHost): Record<string, WasiFunction> {
  const environment = Object.entries(host.env).map(([name, value]) =>
    Buffer.from(`${name}=${value}\0`),
  );
  const now = (clock: number): bigint =>
    clock === CLOCK_REALTIME
      ? BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n
      : BigInt(Math.round(performance.now() * 1e6));

  /** Bounds of everything that the guest points at; it may point anywhere. */
  const at = (pointer: number, size: number): DataView | undefined =>
    host.memory().contains(pointer >>> 0, size) ? host.memory().data : undefined;

  const functions: Record<string, WasiFunction> = {
    args_sizes_get: (count: number, size: number) => writeCounts(count, 0, size, 0),
    args_get: () => SUCCESS,
    environ_sizes_get: (count: number, size: number) =>
      writeCounts(
        count,
        environment.length,
        size,
        environment.reduce((sum, entry) => sum + entry.length, 0),
      ),
    environ_get: (pointers: number, buffer: number) => {
      const total = environment.reduce((sum, entry) => sum + entry.length, 0);
      const view = at(pointers, environment.length * 4);
      if (view === undefined || at(buffer, total) === undefined) return EFAULT;
      let offset = buffer >>> 0;
      for (const [index, entry] of environment.entries()) {
        view.setUint32((pointers >>> 0) + index * 4, offset, true);
        host.memory().bytes.set(entry, offset);
        offset += entry.length;
      }
      return SUCCESS;
    },
    clock_res_get: (clock: number, result: number) => {
      if (clock !== CLOCK_REALTIME && clock !== CLOCK_MONOTONIC) return EINVAL;
      const view = at(result, 8);
      if (view === undefined) return EFAULT;
      view.setBigUint64(result >>> 0, 1000n, true);
      return SUCCESS;
    },
    clock_time_get: (clock: number, _precision: bigint, result: number) => {
      if (clock !== CLOCK_REALTIME && clock !== CLOCK_MONOTONIC) return EINVAL;
      const view = at(result, 8);
      if (view === undefined) return EFAULT;
      view.setBigUint64(result >>> 0, now(clock), true);
      return SUCCESS;
    },
    random_get: (buffer: number, size: number) => {
      if (at(buffer, size >>> 0) === undefined) return EFAULT;
      if (size >>> 0 > MAX_RANDOM) return EINVAL;
      randomFillSync(host.memory().bytes, buffer >>> 0, size >>> 0);
      return SUCCESS;
    },
    sched_yield: () => SUCCESS,
    proc_exit: (exitCode: number) => {
      throw new GuestExit(exitCode);
    },
    proc_raise: (signal: number) => {
      throw new GuestExit(128 + signal);
    },
    fd_close: (fd: number) => (isStandard(fd) ? SUCCESS : EBADF),
    fd_fdstat_get: (fd: number, result: number) => {
      if (!isStandard(fd)) return EBADF;
      const view = at(result, 24);
      if (view === undefined) return EFAULT;
      host.memory().bytes.fill(0, result >>> 0, (result >>> 0) + 24);
      view.setUint8(result >>> 0, FILETYPE_CHARACTER_DEVICE);
      return SUCCESS;
    },
    fd_fdstat_set_flags: (fd: number) => (isStandard(fd) ? SUCCESS : EBADF),
    fd_seek: (fd: number) => (isStandard(fd) ? ESPIPE : EBADF),
    fd_read: (fd: number, _iovecs: number, _count: number, result: number) => {
      if (fd !== 0) return EBADF;
      const view = at(result, 4);
      if (view === undefined) return EFAULT;
      view.setUint32(result >>> 0, 0, true);
      return SUCCESS;
    },
    fd_write: (fd: number, iovecs: number, count: number, result: number) => {
      if (fd !== 1 && fd !== 2) return EBADF;
      if (count >>> 0 > MAX_IOVECS) return EINVAL;
      const view = at(iovecs, (count >>> 0) * 8);
      if (view === undefined || at(result, 4) === undefined) return EFAULT;
      let written = 0;
      for (let index = 0; index < count && written < MAX_WRITE; index += 1) {
        const pointer = view.getUint32((iovecs >>> 0) + index * 8, true);
        const size = view.getUint32((iovecs >>> 0) + index * 8 + 4, true);
        if (at(pointer, size) === undefined) return EFAULT;
        // A short write is allowed; the guest comes back with the rest.
        const taken = Math.min(size, MAX_WRITE - written);
        (fd === 1 ? host.stdout : host.stderr).write(
          host.memory().bytes.subarray(pointer, pointer + taken),
        );
        written += taken;
      }
      view.setUint32(result >>> 0, written, true);
      return SUCCESS;
    },
    poll_oneoff: (subscriptions: number, events: number, count: number, result: number) => {
      const wanted = count >>> 0;
      if (wanted === 0 || wanted > MAX_SUBSCRIPTIONS) return EINVAL;
      if (
        at(subscriptions, wanted * 48) === undefined ||
        at(events, wanted * 32) === undefined ||
        at(result, 4) === undefined
      ) {
        return EFAULT;
      }
      const waits = readSubscriptions(host.memory().data, subscriptions >>> 0, wanted, now);
      const earliest = Math.min(...waits.map((wait) => wait.milliseconds));
      const finish = (): number =>
        writeEvents(
          host.memory().data,
          waits.filter((wait) => wait.milliseconds <= earliest),
          events >>> 0,
          result >>> 0,
        );
      if (earliest <= 0) return finish();
      return host.sleep(earliest).then(finish);
    },
  };
  for (const name of Object.keys(WASI_SIGNATURES)) functions[name] ??= () => EBADF;
  return functions;

  function writeCounts(first: number, one: number, second: number, two: number): number {
    const view = at(first, 4);
    if (view === undefined || at(second, 4) === undefined) return EFAULT;
    view.setUint32(first >>> 0, one, true);
    view.setUint32(second >>> 0, two, true);
    return SUCCESS;
  }
}

function isStandard(fd: number): boolean {
  return fd >= 0 && fd <= 2;
}

interface Wait {
  readonly userdata: bigint;
  readonly type: number;
  readonly errno: number;
  /** From now; 0 or less: due. */
  readonly milliseconds: number;
}

function readSubscriptions(
  view: DataView,
  pointer: number,
  count: number,
  now: (clock: number) => bigint,
): readonly Wait[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = pointer + index * 48;
    const userdata = view.getBigUint64(offset, true);
    const type = view.getUint8(offset + 8);
    const subject = view.getUint32(offset + 16, true);
    if (type !== EVENTTYPE_CLOCK) {
      // Standard streams never block: input is at its end, output becomes log lines.
      return { userdata, type, errno: isStandard(subject) ? SUCCESS : EBADF, milliseconds: 0 };
    }
    if (subject !== CLOCK_REALTIME && subject !== CLOCK_MONOTONIC) {
      return { userdata, type, errno: EINVAL, milliseconds: 0 };
    }
    const timeout = view.getBigUint64(offset + 24, true);
    const absolute = (view.getUint16(offset + 40, true) & SUBSCRIPTION_CLOCK_ABSTIME) !== 0;
    const nanoseconds = absolute ? timeout - now(subject) : timeout;
    return { userdata, type, errno: SUCCESS, milliseconds: Number(nanoseconds) / 1e6 };
  });
}

function writeEvents(view: DataView, due: readonly Wait[], events: number, result: number): number {
  for (const [index, wait] of due.entries()) {
    const offset = events + index * 32;
    view.setBigUint64(offset, wait.userdata, true);
    view.setUint16(offset + 8, wait.errno, true);
    view.setUint8(offset + 10, wait.type);
    view.setBigUint64(offset + 16, 0n, true);
    view.setUint16(offset + 24, 0, true);
  }
  view.setUint32(result, due.length, true);
  return SUCCESS;
}
