import type { Dialect } from './dialect.ts';
import { daprDialect } from './dialect-dapr.ts';
import { storeV0Dialect } from './dialect-store-v0.ts';
import type { Method } from './methods.ts';

/** The dialects that the host speaks, in the order in which exports are looked at. */
export const DIALECTS: readonly Dialect[] = [daprDialect, storeV0Dialect];

/** A module that passed every check, compiled. Plain data: it crosses threads uncompiled again. */
export interface GuestModule {
  /** Of the plugin that it was loaded for; it stands in messages. */
  readonly name: string;
  /** Of the module's bytes as they came: SHA-256 in lower-case hexadecimal digits. */
  readonly digest: string;
  readonly module: WebAssembly.Module;
  /** Of every instance, in pages of 64 KiB. */
  readonly memory: { readonly minimum: number; readonly maximum: number };
  readonly dialect: Dialect['name'];
  /** What the exports offer; Features may withhold some. */
  readonly methods: readonly Method[];
  readonly importsKv: boolean;
  /** Some import may answer later, so that calls answer with promises. */
  readonly suspends: boolean;
}

export function dialectNamed(name: Dialect['name']): Dialect {
  return name === 'dapr' ? daprDialect : storeV0Dialect;
}
