import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LoadedPlugin } from '../component/load-plugin.ts';
import { WasmstateError } from '../error.ts';
import { InterruptWatch } from '../guest/interrupt-watch.ts';
import type { LogSink } from '../observe/log.ts';
import type {
  Assignment,
  FromThread,
  Refusal,
  RememberedInit,
  ToThread,
} from '../thread/messages.ts';

const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../thread/main.ts' : '../thread/main.js',
  import.meta.url,
);

/** How long a thread has to answer before it counts as stuck, in ms. */
const SIGN_OF_LIFE = 250;

/**
 * JavaScript's heap of one thread, in MiB. Linear memories and buffers lie outside of it. From
 * 2 GiB on V8 lets a heap grow fourfold between two full collections: see RATIONALE.md.
 */
const MAX_HEAP = 2048;

/** The part of it for new objects, in MiB: what Node gives its main thread. */
const MAX_YOUNG_HEAP = 48;

export interface PluginThreadEvents {
  /** The thread is gone; `error` says why where it did not end by itself. */
  exit: [error: Error | undefined];
  /** An Init succeeded and waits to be kept before it is acknowledged. */
  remember: [init: RememberedInit, done: (error?: WasmstateError) => void];
}

/** The supervisor's handle on one worker thread. */
export class PluginThread extends EventEmitter<PluginThreadEvents> {
  readonly #worker: Worker;
  readonly #restoring = new Map<number, () => void>();
  #preparing:
    { resolve(loaded: LoadedPlugin | undefined): void; reject(error: Error): void } | undefined;
  #watch: InterruptWatch | undefined;
  #error: Error | undefined;
  #exited = false;
  #nextId = 0;

  constructor(log: LogSink) {
    super();
    this.#worker = new Worker(ENTRY, {
      resourceLimits: {
        maxOldGenerationSizeMb: MAX_HEAP,
        maxYoungGenerationSizeMb: MAX_YOUNG_HEAP,
      },
      name: 'wasmstate plugin',
    });
    this.#worker.on('message', (message: FromThread) => this.#handle(message, log));
    this.#worker.on('error', (error: unknown) => {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
    });
    this.#worker.on('exit', () => {
      this.#exited = true;
      const reason = this.#error ?? new Error('the thread ended');
      this.#preparing?.reject(new WasmstateError('UNAVAILABLE', reason.message, { cause: reason }));
      for (const resolve of this.#restoring.values()) resolve();
      this.emit('exit', this.#error);
    });
  }

  get exited(): boolean {
    return this.#exited;
  }

  /**
   * Tells calls past their limit to stop. Gives how long ago in ms that was for one which goes on
   * all the same.
   */
  stopOverdueCalls(): number {
    return this.#watch?.look(performance.now()) ?? 0;
  }

  /** Ready means listening at the staging path with every component restored. */
  assign(assignment: Assignment): Promise<LoadedPlugin | undefined> {
    return this.#prepare({ type: 'assign', assignment });
  }

  refuse(refusal: Refusal): Promise<LoadedPlugin | undefined> {
    return this.#prepare({ type: 'refuse', refusal });
  }

  /** Initialises a component in a thread that is ready; also returns if the thread ends. */
  restore(init: RememberedInit): Promise<void> {
    this.#nextId += 1;
    const id = this.#nextId;
    return new Promise((resolve) => {
      if (this.#exited) return resolve();
      this.#restoring.set(id, resolve);
      this.#send({ type: 'restore', id, init });
    });
  }

  /** Lets the thread finish its calls; it is ended when `grace` and a moment more are over. */
  async retire(grace: number): Promise<void> {
    if (this.#exited) return;
    const exited = new Promise<void>((resolve) => this.once('exit', () => resolve()));
    this.#send({ type: 'retire', grace });
    const timer = setTimeout(() => void this.#worker.terminate(), grace + 1000);
    await exited;
    clearTimeout(timer);
  }

  /**
   * Ends the thread now, whatever it does; the calls that it is in fail. One that is alive ends
   * itself: below Node's HTTP/2, where grpc-js may be, an end from outside aborts the process.
   */
  kill(reason: WasmstateError): void {
    if (this.#exited) return;
    this.#error ??= reason;
    const timer = setTimeout(() => void this.#worker.terminate(), SIGN_OF_LIFE);
    this.#worker.on('message', ({ type }: FromThread) => {
      if (type === 'retiring') clearTimeout(timer);
    });
    void this.retire(0);
  }

  #prepare(message: ToThread): Promise<LoadedPlugin | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#exited) return reject(this.#error ?? new Error('the thread ended'));
      this.#preparing = { resolve, reject };
      this.#send(message);
    });
  }

  #handle(message: FromThread, log: LogSink): void {
    switch (message.type) {
      case 'loaded':
        this.#watch = new InterruptWatch(message.interrupts);
        return;
      case 'ready':
        return this.#preparing?.resolve(message.loaded);
      case 'failed':
        return this.#preparing?.reject(
          new WasmstateError(message.error.code, message.error.message),
        );
      case 'retiring':
        return;
      case 'restored':
        this.#restoring.get(message.id)?.();
        this.#restoring.delete(message.id);
        return;
      case 'remember': {
        const { id, init } = message;
        this.emit('remember', init, (error) =>
          this.#send({
            type: 'remembered',
            id,
            error: error && { code: error.code, message: error.message },
          }),
        );
        return;
      }
      case 'log':
        return log(message.entry);
    }
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}
