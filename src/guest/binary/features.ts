/** A part of WebAssembly beyond its first version, named as the proposals name it. */
export type Feature =
  | 'sign-extension'
  | 'saturating-float-to-int'
  | 'bulk-memory'
  | 'reference-types'
  | 'multi-value'
  | 'extended-const'
  | 'simd'
  | 'relaxed-simd'
  | 'tail-calls'
  | 'exceptions'
  | 'threads'
  | 'gc'
  | 'function-references'
  | 'stack-switching'
  | 'multi-memory'
  | 'memory64'
  | 'unknown';

/** The features that the host does not run, and why; everything else is allowed. */
export const REFUSED_FEATURES: ReadonlyMap<Feature, string> = new Map<Feature, string>([
  ['tail-calls', 'tail calls, as a chain of them cannot be stopped reliably'],
  ['exceptions', 'exception handling, as it could catch what ends a call'],
  ['threads', 'threads and atomics, as a guest has one thread'],
  ['gc', 'garbage-collected types, as their memory cannot be limited'],
  ['function-references', 'typed function references'],
  ['stack-switching', 'stack switching'],
  ['multi-memory', 'more than one memory'],
  ['memory64', '64-bit memories'],
  ['unknown', 'an instruction that this host does not know'],
]);
