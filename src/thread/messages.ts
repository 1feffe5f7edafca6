/** What crosses between the supervisor and a plugin thread: plain data only. */
import type { LoadedPlugin } from '../component/load-plugin.ts';
import type { Manifest } from '../config/manifest.ts';
import type { ModuleFile } from '../config/read-module.ts';
import type { ErrorCode } from '../error.ts';
import type { LogEntry } from '../observe/log.ts';

/** An Init that was acknowledged: Dapr's InitRequest, which may hold secrets. */
export interface RememberedInit {
  readonly component: string;
  readonly request: Uint8Array;
}

/** A module to load, or one that a thread before has loaded: it compiles once. */
export type ModuleSource = { readonly file: ModuleFile } | { readonly loaded: LoadedPlugin };

/** What a thread is to serve. */
export interface Assignment {
  readonly manifest: Manifest;
  readonly source: ModuleSource;
  /** Where to listen; the supervisor moves it into place. */
  readonly stagingPath: string;
  readonly dataFolder: string;
  readonly inits: readonly RememberedInit[];
  /** A component that cannot be initialised again fails the start, as another serves it well. */
  readonly strict: boolean;
}

/** Stands in for a plugin that cannot start: every call fails at once with the reason. */
export interface Refusal {
  readonly stagingPath: string;
  readonly reason: string;
}

export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
}

export type ToThread =
  | { readonly type: 'assign'; readonly assignment: Assignment }
  | { readonly type: 'refuse'; readonly refusal: Refusal }
  /** Initialise a component as it was before, in a thread that is ready. */
  | { readonly type: 'restore'; readonly id: number; readonly init: RememberedInit }
  /** Answer to `remember`. */
  | { readonly type: 'remembered'; readonly id: number; readonly error?: ErrorData | undefined }
  /** Finish the calls that were taken, within `grace` ms, and end. */
  | { readonly type: 'retire'; readonly grace: number };

export type FromThread =
  /** The libraries are loaded; `interrupts` is for the InterruptWatch on this thread's calls. */
  | { readonly type: 'loaded'; readonly interrupts: SharedArrayBuffer }
  | { readonly type: 'ready'; readonly loaded?: LoadedPlugin | undefined }
  | { readonly type: 'failed'; readonly error: ErrorData }
  | { readonly type: 'restored'; readonly id: number }
  /** Answer to `retire`, at once: the thread is alive and ends by itself. */
  | { readonly type: 'retiring' }
  | { readonly type: 'remember'; readonly id: number; readonly init: RememberedInit }
  | { readonly type: 'log'; readonly entry: LogEntry };
