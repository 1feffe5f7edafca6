import type { Manifest } from '../config/manifest.ts';
import { WasmstateError } from '../error.ts';
import type { RememberedInit } from '../thread/messages.ts';
import type { Edition } from './edition.ts';
import type { PluginThread } from './plugin-thread.ts';
import type { SocketFolder } from './publish-socket.ts';
import type { WarmSpare } from './warm-spare.ts';
import { watch } from './watchdog.ts';

/** What a thread was started with. */
export interface Started {
  /** Absent where it only says why the plugin cannot serve. */
  readonly edition: Edition | undefined;
  readonly inits: readonly RememberedInit[];
}

/** A thread that listens at its staging path and is not published yet. */
export interface Prepared extends Started {
  readonly thread: PluginThread;
  readonly stagingPath: string;
  readonly stopWatching: () => void;
  /** Of the plugin. */
  readonly name: string;
}

export type StartThread = (thread: PluginThread, stagingPath: string) => Promise<Started>;

export interface PrepareHooks {
  /** Makes the thread listen at the staging path. */
  readonly start: StartThread;
  readonly onStuck: (thread: PluginThread) => void;
  readonly onRemember: (
    thread: PluginThread,
    init: RememberedInit,
    done: (error?: WasmstateError) => void,
  ) => void;
}

/** Takes a thread for a plugin, watches it and makes it ready. Where that fails it is ended. */
export async function prepareThread(
  spare: WarmSpare,
  sockets: SocketFolder,
  manifest: Manifest,
  { start, onStuck, onRemember }: PrepareHooks,
): Promise<Prepared> {
  const { name } = manifest;
  const stagingPath = sockets.stagingPath(name);
  const thread = spare.take();
  const stopWatching = watch(thread, {
    callLimit: manifest.limits.call,
    interruptible: manifest.interrupt,
    onStuck: () => onStuck(thread),
  });
  thread.on('remember', (init, done) => onRemember(thread, init, done));
  try {
    return { thread, stagingPath, stopWatching, name, ...(await start(thread, stagingPath)) };
  } catch (error) {
    stopWatching();
    thread.kill(new WasmstateError('UNAVAILABLE', 'it did not become ready'));
    throw error;
  } finally {
    spare.refill();
  }
}
