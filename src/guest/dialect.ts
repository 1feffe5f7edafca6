import type { Method } from './methods.ts';

/** How a method's messages differ from Dapr's; absent: they are Dapr's own bytes. */
export interface Translation {
  /** Dapr's request to the guest's. */
  request(bytes: Uint8Array): Uint8Array;
  /** The guest's response to Dapr's. */
  response(bytes: Uint8Array): Uint8Array;
}

/** The way a guest's exports are called. */
export interface Dialect {
  readonly name: 'dapr' | 'store-v0.1';
  /** Exports that answer the version of the calling convention, of which one must be there. */
  readonly versionExports: readonly string[];
  /** Methods without which a module is no state store. */
  readonly required: readonly Method[];
  /** Bit 31 of a result's size marks an error text. */
  readonly hasErrorBit: boolean;
  /** An empty request is allocated too, instead of being passed as (0, 0). */
  readonly allocatesEmpty: boolean;
  readonly exportNames: Readonly<Partial<Record<Method, string>>>;
  readonly translations: Readonly<Partial<Record<Method, Translation>>>;
}
