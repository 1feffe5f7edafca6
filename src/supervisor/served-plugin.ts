import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../config/manifest.ts';
import { WasmstateError } from '../error.ts';
import { errorText, type Logger } from '../observe/log.ts';
import type { RememberedInit } from '../thread/messages.ts';
import { editionOf, holdsState, requireReloadable, type Edition } from './edition.ts';
import type { LoadedModules } from './loaded-modules.ts';
import type { PluginThread } from './plugin-thread.ts';
import { prepareThread, type Prepared, type StartThread } from './prepare-thread.ts';
import type { PublishedSocket, SocketFolder } from './publish-socket.ts';
import { readModule } from '../config/read-module.ts';
import type { RememberedInits } from './remembered-inits.ts';
import type { WarmSpare } from './warm-spare.ts';

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

export interface ServedPluginOptions {
  readonly sockets: SocketFolder;
  readonly spare: WarmSpare;
  readonly modules: LoadedModules;
  readonly inits: RememberedInits;
  readonly dataFolder: string;
  /** Milliseconds that a retiring thread has for the calls it took. */
  readonly drain: number;
  /** Told of every Init before it is acknowledged. */
  readonly remembered: (init: RememberedInit) => Promise<void>;
  readonly logger: Logger;
}

type Serving = Pick<Prepared, 'thread' | 'stopWatching'> & { readonly socket: PublishedSocket };

/**
 * One plugin and the threads that serve it, one after another. Every replacement is the same
 * act: a successor is prepared beside the thread before it, and its socket takes the place.
 */
export class ServedPlugin {
  readonly #options: ServedPluginOptions;
  readonly #stopping = new AbortController();
  #edition: Edition | undefined;
  #prepared: Prepared | undefined;
  #serving: Serving | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #retiring: Promise<unknown> = Promise.resolve();
  /** Ends the pause of a plugin that is held off, as something new can be tried. */
  #pause = new AbortController();
  #waitingEditions = 0;
  #heldOff = false;
  /** Threads that ended before they were told to. */
  #losses = 0;

  constructor(options: ServedPluginOptions) {
    this.#options = options;
  }

  get socketPath(): string | undefined {
    return this.#serving?.socket.path;
  }

  /** What its components were initialised with. */
  get inits(): readonly RememberedInit[] {
    return this.#options.inits.all();
  }

  /**
   * Makes everything ready for `publish`. With `strict` every component must be as it was. Where
   * that fails nothing is served, and the error says why.
   */
  prepare(manifest: Manifest, strict: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const file = await readModule(manifest);
      this.#prepared = await this.#prepareEdition(
        editionOf(manifest, file, this.#options.modules),
        strict,
      );
    });
  }

  /** Publishes what was prepared. */
  publish(): Promise<void> {
    return this.#inTurn(async () => {
      const prepared = this.#prepared;
      this.#prepared = undefined;
      if (prepared !== undefined) await this.#takePlace(prepared);
    });
  }

  /**
   * Puts what now lies on disk in the place of what is served, if it differs. Where that fails
   * what was served goes on, and the error says why. Gives whether there is a successor.
   */
  update(manifest: Manifest): Promise<boolean> {
    this.#waitingEditions += 1;
    this.#pause.abort();
    return this.#inTurn(async () => {
      this.#waitingEditions -= 1;
      try {
        const file = await readModule(manifest);
        const before = this.#edition;
        const same = file.digest === before?.digest && isDeepStrictEqual(manifest, before.manifest);
        if (same && !this.#heldOff) return false;
        if (before !== undefined && !this.#heldOff) requireReloadable(before, manifest);
        await this.#succeed(editionOf(manifest, file, this.#options.modules), true);
        return true;
      } finally {
        if (this.#heldOff) void this.#inTurn(() => this.#keepTrying());
      }
    });
  }

  /** Initialises components here as a process before this one had them. */
  adopt(inits: readonly RememberedInit[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const init of await this.#options.inits.adopt(inits)) {
        await this.#serving?.thread.restore(init);
      }
    });
  }

  /** Finishes the calls that were taken and takes the socket away. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#inTurn(async () => {
      const serving = this.#serving;
      this.#serving = undefined;
      await this.#prepared?.thread.retire(0);
      await serving?.socket.withdraw();
      if (serving !== undefined) await this.#retire(serving);
      await this.#retiring;
    });
  }

  /** One change at a time. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #succeed(edition: Edition, strict: boolean): Promise<void> {
    await this.#takePlace(await this.#prepareEdition(edition, strict));
    this.#heldOff = false;
  }

  async #prepareEdition(edition: Edition, strict: boolean): Promise<Prepared> {
    const { inits, dataFolder, modules } = this.#options;
    const { manifest, source } = edition;
    return this.#prepare(manifest, async (thread, stagingPath) => {
      const known = inits.all();
      const loaded = await thread.assign({
        manifest,
        source,
        stagingPath,
        dataFolder,
        inits: known,
        strict,
      });
      if (loaded === undefined) return { inits: known, edition };
      modules.put(manifest, loaded);
      return { inits: known, edition: { ...edition, source: { loaded } } };
    });
  }

  /** A thread that says why the plugin cannot serve, so that callers need not wait to find out. */
  async #refuse(manifest: Manifest, reason: string): Promise<void> {
    const prepared = await this.#prepare(manifest, async (thread, stagingPath) => {
      await thread.refuse({ stagingPath, reason });
      return { inits: this.#options.inits.all(), edition: undefined };
    });
    await this.#takePlace(prepared);
  }

  #prepare(manifest: Manifest, start: StartThread): Promise<Prepared> {
    const { spare, sockets } = this.#options;
    return prepareThread(spare, sockets, manifest, {
      start,
      onStuck: (thread) => this.#giveUp(thread, manifest.name),
      onRemember: (thread, init, done) => void this.#remember(thread, init, done),
    });
  }

  /** Publishes a thread's socket, and lets the thread before it finish. */
  async #takePlace(prepared: Prepared): Promise<void> {
    const { thread, stagingPath, stopWatching, name } = prepared;
    const { inits, sockets } = this.#options;
    // The thread before may have taken further Inits meanwhile, and goes on until it is retired.
    const caughtUp = inits.all();
    for (const init of inits.differingFrom(prepared.inits)) await thread.restore(init);
    let socket: PublishedSocket;
    try {
      socket = await sockets.publish(stagingPath, name);
    } catch (error) {
      stopWatching();
      await thread.retire(0);
      throw error;
    }
    this.#edition = prepared.edition ?? this.#edition;
    const before = this.#serving;
    this.#serving = { thread, socket, stopWatching };
    const ended = (error = new Error('it ended by itself')): void => {
      stopWatching();
      if (this.#serving?.thread === thread) void this.#inTurn(() => this.#recover(thread, error));
    };
    if (thread.exited) ended();
    else thread.once('exit', ended);
    for (const init of inits.differingFrom(caughtUp)) await thread.restore(init);
    if (before !== undefined) this.#retiring = Promise.all([this.#retiring, this.#retire(before)]);
  }

  /** A guest does not return: the thread ends when its successor has the socket, or now. */
  #giveUp(thread: PluginThread, name: string): void {
    const reason = new WasmstateError(
      'DEADLINE_EXCEEDED',
      `plugin ${name}: a guest ran past its limit and is ended with its thread`,
    );
    if (this.#serving?.thread !== thread) return thread.kill(reason);
    void this.#inTurn(async () => {
      await this.#recover(thread, reason);
      thread.kill(reason);
    });
  }

  /** A successor for a thread that ended or is stuck, as soon as one can be had. */
  async #recover(thread: PluginThread, reason: Error): Promise<void> {
    if (this.#serving?.thread !== thread || this.#stopping.signal.aborted) return;
    this.#losses += 1;
    const state = this.#edition && holdsState(this.#edition) ? ' with the state in its guests' : '';
    this.#options.logger.error(`the plugin thread is lost${state}; a successor takes its place`, {
      losses: this.#losses,
      error: errorText(reason),
    });
    await this.#keepTrying();
  }

  /** Tries the edition again after growing pauses, in which calls fail at once with the reason. */
  async #keepTrying(): Promise<void> {
    const { logger } = this.#options;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const edition = this.#edition;
      if (edition === undefined || this.#waitingEditions > 0 || this.#stopping.signal.aborted) {
        return;
      }
      try {
        await this.#succeed(edition, false);
        logger.info('the successor serves');
        return;
      } catch (error) {
        await this.#holdOff(edition.manifest, errorText(error), pause);
      }
    }
  }

  async #holdOff(manifest: Manifest, reason: string, pause: number): Promise<void> {
    const { logger } = this.#options;
    logger.error('the plugin cannot start and is held off', {
      error: reason,
      retryAfterMs: pause,
    });
    const before = this.#serving?.thread;
    await this.#refuse(manifest, `plugin ${manifest.name} cannot start: ${reason}`).catch(
      (error: unknown) =>
        logger.error('nothing can listen in its place', { error: errorText(error) }),
    );
    // A thread that is stuck would keep its callers waiting until it had to be retired.
    if (before && before.stopOverdueCalls() > 0)
      before.kill(new WasmstateError('UNAVAILABLE', reason));
    this.#heldOff = true;
    this.#pause = new AbortController();
    const signal = AbortSignal.any([this.#pause.signal, this.#stopping.signal]);
    await delay(pause, undefined, { signal }).catch(() => {});
  }

  async #retire({ thread, stopWatching }: Serving): Promise<void> {
    await thread.retire(this.#options.drain);
    stopWatching();
  }

  /** An Init that a retiring thread still takes is its successor's too. */
  async #remember(
    thread: PluginThread,
    init: RememberedInit,
    done: (error?: WasmstateError) => void,
  ): Promise<void> {
    try {
      await this.#options.inits.keep(init);
      await this.#options.remembered(init);
      const serving = this.#serving?.thread;
      if (serving !== thread) await serving?.restore(init);
      done();
    } catch (error) {
      done(
        error instanceof WasmstateError
          ? error
          : new WasmstateError('INTERNAL', 'the Init cannot be kept', { cause: error }),
      );
    }
  }
}
