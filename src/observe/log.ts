/** Dapr's log levels that this program uses, from the quietest need to the loudest. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One log line before it is written; plain data, so that it can cross threads. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly msg: string;
  /** The part of the program that speaks, as `wasmstate.supervisor`. */
  readonly scope: string;
  /** Further fields by name (`plugin`, `component`, `error`); never a component's properties. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

export type LogSink = (entry: LogEntry) => void;

type Fields = Readonly<Record<string, string | number | boolean>>;

/** Writes entries of one scope to a sink. */
export interface Logger {
  debug(msg: string, fields?: Fields): void;
  info(msg: string, fields?: Fields): void;
  warn(msg: string, fields?: Fields): void;
  error(msg: string, fields?: Fields): void;
  /** The same sink with another scope's last part and more fields on every line. */
  child(scope: string, fields?: Fields): Logger;
}

export function createLogger(sink: LogSink, scope: string, common: Fields = {}): Logger {
  const at =
    (level: LogLevel) =>
    (msg: string, fields: Fields = {}): void =>
      sink({ level, msg, scope, fields: { ...common, ...fields } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (part, fields = {}) => createLogger(sink, `${scope}.${part}`, { ...common, ...fields }),
  };
}

/** For people reading a log line: an error's message and those of its causes. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${errorText(error.cause)}`;
}
