import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { WasmstateError } from '../error.ts';
import { LOG_LEVELS } from '../observe/log.ts';
import { duration } from './units.ts';

const schema = z.object({
  plugins: z.string().min(1),
  sockets: z.string().min(1),
  socketMode: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'must be octal permission bits, as 0770')
    .transform((text) => Number.parseInt(text, 8)),
  socketGroup: z.coerce.number('must be a numeric group id').int().nonnegative().optional(),
  data: z.string().min(1),
  logLevel: z.enum(LOG_LEVELS),
  logFormat: z.enum(['json', 'text']),
  rememberInits: z.boolean('WASMSTATE_NO_REMEMBER_INITS must be true or false'),
  takeover: z.boolean('WASMSTATE_TAKEOVER must be true or false'),
  drain: duration,
});

/** What `wasmstate serve` runs with. */
export interface Settings extends Readonly<z.output<typeof schema>> {
  /** Permission bits of each socket, as 0o770. */
  readonly socketMode: number;
  /** Numeric group that owns each socket; absent: the process's own. */
  readonly socketGroup?: number | undefined;
  /** Keep Inits in the data folder, so that a restart needs nothing from daprd. */
  readonly rememberInits: boolean;
  /** Succeed a process that serves the same sockets. */
  readonly takeover: boolean;
  /** Milliseconds that a retiring thread has for the calls that it took. */
  readonly drain: number;
}

/** Checks settings as flags and environment variables give them. Throws CONFIG_INVALID. */
export function parseSettings(options: unknown): Settings {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  throw new WasmstateError(
    'CONFIG_INVALID',
    result.error.issues
      .map(
        ({ path, message }) =>
          `--${path.join('.').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${message}`,
      )
      .join('\n'),
  );
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What a variable says of a switch, off where it says nothing; what is no switch stays as it is. */
export function switchOf(env: Environment, name: string): boolean | string {
  const value = env[name] ?? '';
  if (['', '0', 'false'].includes(value)) return false;
  return ['1', 'true'].includes(value) || value;
}

/**
 * The folder where daprd looks for sockets. Dapr itself reads the first name, its Kubernetes
 * injector sets the second, its Go SDK falls back to the third.
 */
export function defaultSocketsFolder(env: Environment): string {
  return (
    env['DAPR_COMPONENTS_SOCKETS_FOLDER'] ||
    env['DAPR_COMPONENT_SOCKETS_FOLDER'] ||
    env['DAPR_COMPONENT_SOCKET_FOLDER'] ||
    '/tmp/dapr-components-sockets'
  );
}

/** Where state that outlives the process is kept: as WASMSTATE_DATA says, or XDG's state folder. */
export function defaultDataFolder(env: Environment): string {
  return (
    env['WASMSTATE_DATA'] ||
    join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'wasmstate')
  );
}
