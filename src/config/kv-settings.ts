import { resolve } from 'node:path';
import { z } from 'zod';
import { WasmstateError } from '../error.ts';
import { etcdUrls, postgresUrl, redisUrl } from './kv-urls.ts';
import { size } from './units.ts';

/** The manifest writes numbers and booleans; a component's properties are all text. */
const count = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
  z.number('must be a whole number').int('must be a whole number').positive('must be at least 1'),
);
const flag = z.preprocess(
  (value) => (value === 'true' || value === 'false' ? value === 'true' : value),
  z.boolean('must be true or false'),
);
const bytes = z.union([z.string(), z.number()]).transform((value, context) => {
  const parsed = size.safeParse(value);
  if (parsed.success && parsed.data > 0) return parsed.data;
  context.addIssue({ code: 'custom', message: 'must be a size with its unit, as in 1536KiB' });
  return z.NEVER;
});
const text = z.string('must be text').min(1, 'must not be empty');

/** Before every key's name in an engine that others may use too. */
const prefix = text.regex(/^[A-Za-z0-9_./-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ . / -');

const engines = {
  memory: z.strictObject({ engine: z.literal('memory') }),
  sqlite: z.strictObject({
    engine: z.literal('sqlite'),
    /** A folder, relative to the data folder; each keyspace has its own file below it. */
    path: text.default('kv'),
    /** `full`: acknowledged commits survive power loss; `normal`: only the process's death. */
    synchronous: z.enum(['full', 'normal'], 'must be full or normal').default('full'),
  }),
  redis: z.strictObject({
    engine: z.literal('redis'),
    url: redisUrl,
    username: text.optional(),
    password: text.optional(),
    /** The URL names one node of a Redis cluster; the others are asked for. */
    cluster: flag.default(false),
    prefix: prefix.default('wasmstate'),
  }),
  postgres: z.strictObject({
    engine: z.literal('postgres'),
    url: postgresUrl,
    username: text.optional(),
    password: text.optional(),
    /** Made where there is none; its tables hold the keyspaces of all components. */
    schema: z
      .string('must be text')
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a lower-case SQL name')
      .default('wasmstate'),
    /** Connections at the most, from one plugin thread to one URL. */
    connections: count.default(8),
  }),
  etcd: z.strictObject({
    engine: z.literal('etcd'),
    url: etcdUrls,
    username: text.optional(),
    password: text.optional(),
    prefix: prefix.default('wasmstate'),
    /** etcd's own `--max-txn-ops`. */
    maxOperations: count.default(128),
    /** etcd's own `--max-request-bytes`. */
    maxRequest: bytes.default(1536 * 1024),
  }),
} as const;

type EngineName = keyof typeof engines;

/** What a keyspace is opened with: one engine's settings, complete. */
export type KvSettings = { [E in EngineName]: z.output<(typeof engines)[E]> }[EngineName] & {
  /** The keyspace that all who name it share, instead of one of the component's own. */
  readonly share?: string | undefined;
};

/** Settings of one engine by its name. */
export type EngineSettings<E extends EngineName> = Extract<KvSettings, { engine: E }>;

const engineName = z.enum(
  Object.keys(engines) as [EngineName, ...EngineName[]],
  `must be one of ${Object.keys(engines).join(', ')}`,
);

/**
 * The manifest's `kv:` map. It may leave out what components' properties supply, so only what is
 * there is checked; `splitKvProperties` checks the whole.
 */
export const kvSettingsSchema = z
  .looseObject({ engine: engineName.default('sqlite'), share: text.optional() })
  .check((context) => {
    const { share: _, ...settings } = context.value;
    const issues = engines[settings.engine].partial().safeParse(settings).error?.issues;
    for (const issue of issues ?? []) context.issues.push({ ...issue, input: undefined });
  });

/** A manifest's grant of the key-value capability, with the settings that it makes. */
export type KvGrant = z.output<typeof kvSettingsSchema>;

const PROPERTY_PREFIX = 'kv.';

/**
 * Takes the properties that begin with `kv.` out of a component's and lays them over the
 * manifest's settings. A component that names another engine leaves the manifest's settings of
 * the first behind. Throws CONFIG_INVALID that names the property, never its value.
 */
export function splitKvProperties(
  grant: KvGrant | undefined,
  properties: Readonly<Record<string, string>>,
): { settings: KvSettings; guestProperties: Record<string, string> } {
  if (grant === undefined) {
    throw new WasmstateError(
      'CONFIG_INVALID',
      'the plugin has no key-value storage; add the line `kv: {}` to its plugin.yaml',
    );
  }
  const own: Record<string, string> = {};
  const guestProperties: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (!name.startsWith(PROPERTY_PREFIX)) guestProperties[name] = value;
    else own[name.slice(PROPERTY_PREFIX.length)] = value;
  }
  return { settings: merged(grant, own), guestProperties };
}

function merged(grant: KvGrant, own: Readonly<Record<string, string>>): KvSettings {
  if ('share' in own) {
    throw invalid([`${PROPERTY_PREFIX}share: only the plugin's manifest may share a keyspace`]);
  }
  if (!staysBelow(own['path'] ?? '')) {
    throw invalid([
      problem('path', 'must stay below the data folder; only the manifest may name another'),
    ]);
  }
  const { share, ...manifest } = grant;
  const engine = engineName.safeParse(own['engine'] ?? manifest.engine);
  if (!engine.success) throw invalid([problem('engine', engine.error.issues[0]?.message)]);
  const base = engine.data === manifest.engine ? manifest : {};
  const result = engines[engine.data].safeParse({ ...base, ...own, engine: engine.data });
  if (result.success) return { ...result.data, share };
  throw invalid(
    result.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => problem(key, `engine ${engine.data} has no such setting`))
        : [problem(issue.path.join('.'), requirement(issue, { ...base, ...own }))],
    ),
  );
}

/** Whoever can initialise a component is not to make files anywhere else. */
function staysBelow(path: string): boolean {
  return `${resolve('/data', path)}/`.startsWith('/data/');
}

function requirement(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): string {
  return String(issue.path[0]) in given
    ? issue.message
    : 'is required, in the component or as the manifest says it under kv:';
}

function problem(setting: string, message = 'is not valid'): string {
  return `${PROPERTY_PREFIX}${setting}: ${message}`;
}

function invalid(problems: readonly string[]): WasmstateError {
  return new WasmstateError('CONFIG_INVALID', problems.join('\n'));
}
