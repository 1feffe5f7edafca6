/** The embedding API: a plugin in an application, without any sidecar. */
export { openPlugin, type OpenPluginOptions, type Plugin } from './embed/open-plugin.ts';
export type {
  CallOptions,
  DeleteOperation,
  Operation,
  Query,
  SetOperation,
  StateItem,
  StateStore,
} from './embed/state-store.ts';
export { WasmstateError, type ErrorCode } from './error.ts';
export { GuestError, type GuestFault } from './guest/guest-error.ts';
export type { Method } from './guest/methods.ts';
export type { LogEntry, LogSink } from './observe/log.ts';
