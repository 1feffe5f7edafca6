import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pluginModule } from './stores.ts';

const IMPORTS = {
  memory: ['wasi_snapshot_preview1.clock_time_get'],
  durable: ['kv.commit', 'kv.get', 'kv.limits', 'kv.scan'],
} as const;

for (const name of ['memory', 'durable'] as const) {
  describe(`the module of state.${name}`, () => {
    const compiled = (): WebAssembly.Module =>
      new WebAssembly.Module(readFileSync(pluginModule(name)));

    it('imports nothing but what it needs of the host', () => {
      const imports = WebAssembly.Module.imports(compiled());
      const names = imports.map((one) => `${one.module}.${one.name}`);
      assert.deepEqual(names.toSorted(), IMPORTS[name]);
    });

    it('has names for its functions, so that a trap can be read', () => {
      // Missing from the types of WebAssembly that Node brings.
      const { customSections } = WebAssembly.Module as unknown as {
        customSections: (module: WebAssembly.Module, name: string) => ArrayBuffer[];
      };
      assert.equal(customSections(compiled(), 'name').length, 1);
    });
  });
}
