/**
 * The part of the WebAssembly JavaScript interface that the host uses, JSPI included
 * (https://webassembly.github.io/spec/js-api/, https://github.com/WebAssembly/js-promise-integration).
 */
declare namespace WebAssembly {
  type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'externref' | 'anyfunc' | 'v128';
  type ExternalKind = 'function' | 'global' | 'memory' | 'table';
  type Exports = Record<string, unknown>;

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  class Module {
    constructor(bytes: Uint8Array);
    static exports(module: Module): { name: string; kind: ExternalKind }[];
    static imports(module: Module): { module: string; name: string; kind: ExternalKind }[];
  }

  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Exports;
  }

  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
  }

  class Global<T = unknown> {
    constructor(descriptor: { value: ValueType; mutable?: boolean }, value?: T);
    value: T;
  }

  class Table {
    constructor(descriptor: { element: 'anyfunc'; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value: unknown): void;
  }

  /** Marks an import that may answer with a promise, which suspends the guest. */
  class Suspending {
    constructor(
      // oxlint-disable-next-line typescript/no-explicit-any -- any signature, as in the standard
      implementation: (...parameters: any[]) => unknown,
    );
  }

  /** An export that answers with a promise, inside which the guest may be suspended. */
  function promising<P extends unknown[], R>(
    exported: (...parameters: P) => R,
  ): (...parameters: P) => Promise<R>;

  function validate(bytes: Uint8Array): boolean;
}
