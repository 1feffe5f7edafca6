import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { WasmstateError } from '../error.ts';
import { CONTRADICTION, contradictions } from './guest-state.ts';
import { kvSettingsSchema } from './kv-settings.ts';
import { parseYaml } from './parse-yaml.ts';
import { duration, size } from './units.ts';

export const MANIFEST_FILE = 'plugin.yaml';

const WHOLE = 'must be a whole number';
const whole = z.number(WHOLE).int(WHOLE);
const positive = whole.positive('must be 1 or more');
const counted = whole.nonnegative('must be 0 or more');
const flag = z.boolean('must be true or false');
const MODULE = 'must be the path of a Wasm file inside of this folder';

/** Nothing could be called with a limit of 0, so it is a mistake. */
const isPositive = [(value: number) => value > 0, 'must be more than 0'] as const;

const schema = z
  .strictObject({
    module: z.string(MODULE).refine(isInside, MODULE),
    sha256: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits')
      .transform((digest) => digest.toLowerCase())
      .optional(),
    state: z.enum(['guest', 'host']).optional(),
    dialect: z.enum(['auto', 'dapr', 'store-v0.1']).default('auto'),
    pool: z
      .strictObject({
        max: positive.max(1024, 'must be 1024 or less').optional(),
        maxCalls: counted.default(0),
        maxMemory: size.optional(),
        idle: duration.default(60_000),
      })
      .prefault({}),
    limits: z
      .strictObject({
        call: duration.refine(...isPositive).default(5000),
        init: duration.refine(...isPositive).default(4000),
        memory: size.refine(...isPositive).default(256 * 1024 ** 2),
        request: size.refine(...isPositive).default(64 * 1024 ** 2),
        queue: counted.default(1024),
        logLines: positive.default(100),
      })
      .prefault({}),
    interrupt: flag.default(true),
    reload: flag.optional(),
    kv: kvSettingsSchema.optional(),
    env: z.record(z.string(), z.string('must be text; put it in quotes')).default({}),
  })
  .superRefine((manifest, context) => {
    if (manifest.state !== 'guest') return;
    for (const field of contradictions(manifest.pool)) {
      context.addIssue({ code: 'custom', path: ['pool', field], message: CONTRADICTION });
    }
  });

/**
 * What plugin.yaml says, with defaults. Plain data: it crosses threads. Durations are
 * milliseconds, sizes bytes.
 */
export type Manifest = Readonly<z.output<typeof schema>> & {
  /** Of the plugin: the folder's or the module file's name. */
  readonly name: string;
  /** Absolute path of the Wasm module. */
  readonly module: string;
};

/** The manifest of a bare module file: nothing but defaults. */
export function defaultManifest(name: string, module: string): Manifest {
  return { ...schema.parse({ module: basename(module) }), name, module: resolve(module) };
}

/**
 * Reads `<folder>/plugin.yaml`. Throws CONFIG_INVALID that names the file, the line and the
 * field.
 */
export async function readManifest(name: string, folder: string): Promise<Manifest> {
  const file = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new WasmstateError('CONFIG_INVALID', `${file}: cannot be read`, { cause });
  }
  const manifest = parseYaml(text, schema, file);
  return { ...manifest, name, module: resolve(folder, manifest.module) };
}

/** Whether a path, taken from a folder, leads to something within it. */
function isInside(path: string): boolean {
  return resolve('/folder', path).startsWith('/folder/');
}
