import { hostname } from 'node:os';
import winston from 'winston';
import type { LogEntry, LogLevel, LogSink } from './log.ts';

export interface WinstonSinkOptions {
  readonly level: LogLevel;
  /** `json`: one object a line with Dapr's field names; `text`: for people at a terminal. */
  readonly format: 'json' | 'text';
  /** Of this program, the field `ver`. */
  readonly version: string;
}

/**
 * Log lines on standard error, so that standard output stays free for what a command prints.
 * Field names are those of Dapr's own JSON logs: time, level, msg, scope, type, instance, ver.
 */
export function createWinstonSink(options: WinstonSinkOptions): LogSink {
  const instance = hostname();
  const { combine, printf, colorize } = winston.format;
  const json = printf((info) =>
    JSON.stringify({
      ...(info['fields'] as LogEntry['fields']),
      time: new Date().toISOString(),
      level: info.level === 'warn' ? 'warning' : info.level,
      msg: info.message,
      scope: info['scope'],
      type: 'log',
      instance,
      ver: options.version,
    }),
  );
  const text = printf((info) => {
    const fields = Object.entries(info['fields'] as LogEntry['fields'])
      .map(
        ([name, value]) => ` ${name}=${typeof value === 'string' ? JSON.stringify(value) : value}`,
      )
      .join('');
    return `${new Date().toISOString()} ${info.level} ${String(info['scope'])}: ${String(info.message)}${fields}`;
  });
  const logger = winston.createLogger({
    level: options.level,
    format:
      options.format === 'json' ? json : process.stderr.isTTY ? combine(colorize(), text) : text,
    transports: [
      new winston.transports.Console({ stderrLevels: ['debug', 'info', 'warn', 'error'] }),
    ],
  });
  return ({ level, msg, scope, fields }) => {
    logger.log({ level, message: msg, scope, fields });
  };
}
