import { Command, Option } from 'commander';
import {
  defaultDataFolder,
  defaultSocketsFolder,
  parseSettings,
  switchOf,
} from '../config/settings.ts';
import { LOG_LEVELS } from '../observe/log.ts';
import { createWinstonSink } from '../observe/winston-sink.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { servedText } from './served-text.ts';
import { version } from './version.ts';

/**
 * `wasmstate serve`: runs until SIGTERM or SIGINT, then drains; a second one ends at once.
 * SIGHUP looks at the plugins folder.
 */
export function serveCommand(): Command {
  const { env } = process;
  const option = (flags: string, text: string, variable: string): Option =>
    new Option(flags, text).env(variable);
  return new Command('serve')
    .description('serve every plugin of a folder on sockets where daprd finds them')
    .addOption(
      option('--plugins <folder>', 'folder with plugins', 'WASMSTATE_PLUGINS').default('plugins'),
    )
    .addOption(
      option(
        '--sockets <folder>',
        "daprd's folder for component sockets",
        'WASMSTATE_SOCKETS',
      ).default(defaultSocketsFolder(env)),
    )
    .addOption(
      option(
        '--socket-mode <bits>',
        'permission bits of the sockets',
        'WASMSTATE_SOCKET_MODE',
      ).default('0770'),
    )
    .addOption(
      option(
        '--socket-group <gid>',
        'numeric group that owns the sockets',
        'WASMSTATE_SOCKET_GROUP',
      ),
    )
    .addOption(
      option(
        '--data <folder>',
        'folder for state that outlives the process',
        'WASMSTATE_DATA',
      ).default(defaultDataFolder(env)),
    )
    .addOption(
      option('--log-level <level>', 'quietest lines to write', 'WASMSTATE_LOG_LEVEL')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .addOption(
      option('--log-format <format>', 'lines for people or for machines', 'WASMSTATE_LOG_FORMAT')
        .choices(['json', 'text'])
        .default(process.stderr.isTTY ? 'text' : 'json'),
    )
    .addOption(
      new Option(
        '--no-remember-inits',
        'keep no Inits on disk; after a restart daprd must be restarted too (env: WASMSTATE_NO_REMEMBER_INITS)',
      ).default(negated(switchOf(env, 'WASMSTATE_NO_REMEMBER_INITS'))),
    )
    .addOption(
      new Option(
        '--takeover',
        'succeed the process that serves these sockets (env: WASMSTATE_TAKEOVER)',
      ).default(switchOf(env, 'WASMSTATE_TAKEOVER'), 'false'),
    )
    .addOption(
      option(
        '--drain <duration>',
        'time for calls in flight when stopping',
        'WASMSTATE_DRAIN',
      ).default('10s'),
    )
    .action(serve);
}

/** What is no switch stays as it is, for the settings to refuse. */
function negated(value: boolean | string): boolean | string {
  return typeof value === 'boolean' ? !value : value;
}

async function serve(options: unknown): Promise<void> {
  const settings = parseSettings(options);
  const log = createWinstonSink({
    level: settings.logLevel,
    format: settings.logFormat,
    version,
  });
  const supervisor = new Supervisor(settings, log);
  const starting = supervisor.start();
  const stopped = new Promise<void>((resolve, reject) => {
    let stopping = false;
    const stop = (): void => {
      stopping = true;
      void Promise.allSettled([starting]).then(() => supervisor.stop().then(resolve, reject));
    };
    const onSignal = (signal: NodeJS.Signals): void => {
      if (!stopping) return stop();
      // As if nobody listened: a thread that is stuck in a system call would hold up process.exit().
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    process.on('SIGHUP', () => void supervisor.reload());
    supervisor.on('retired', () => {
      if (!stopping) stop();
    });
  });
  const served = await starting;
  process.stdout.write(servedText(served, settings));
  await stopped;
  process.exit(0);
}
