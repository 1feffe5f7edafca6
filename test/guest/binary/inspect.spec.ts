import assert from 'node:assert/strict';
import { inspectModule } from '../../../src/guest/binary/inspect.ts';
import { functionNames } from '../../../src/guest/binary/names.ts';
import { assemble, moduleOf, section } from './assemble.ts';

function refusal(bytes: Uint8Array): string {
  try {
    inspectModule(bytes);
  } catch (error) {
    assert(error instanceof Error && 'code' in error);
    assert.equal(error.code, 'MODULE_REFUSED');
    return error.message;
  }
  return assert.fail('the module was accepted');
}

describe('inspecting a module', () => {
  it('lists imports and exports with the signatures of functions', () => {
    const info = inspectModule(
      assemble(`(module
        (import "kv" "get" (func (param i32 i32) (result i64)))
        (memory (export "memory") 3 7)
        (global (export "g") i32 (i32.const 1))
        (func (export "malloc") (param i32) (result i32) (local.get 0))
        (func (export "free") (param i32)))`),
    );
    assert.deepEqual(
      info.imports.map(({ module, name, kind, signature }) => ({ module, name, kind, signature })),
      [
        {
          module: 'kv',
          name: 'get',
          kind: 'function',
          signature: { parameters: ['i32', 'i32'], results: ['i64'] },
        },
      ],
    );
    assert.deepEqual(info.exports, [
      { name: 'memory', kind: 'memory', index: 0 },
      { name: 'g', kind: 'global', index: 0 },
      {
        name: 'malloc',
        kind: 'function',
        index: 1,
        signature: { parameters: ['i32'], results: ['i32'] },
      },
      {
        name: 'free',
        kind: 'function',
        index: 2,
        signature: { parameters: ['i32'], results: [] },
      },
    ]);
    assert.equal(info.memories[0]?.minimum, 3);
    assert.equal(info.memories[0]?.maximum, 7);
    assert.equal(info.importedFunctions, 1);
    assert.equal(info.complete, true);
  });

  it('reads tables, the start function, and names of functions', () => {
    const bytes = assemble(`(module
      (table 2 5 funcref) (table 1 externref)
      (func $begin) (start $begin))`);
    const info = inspectModule(bytes);
    assert.deepEqual(
      info.tables.map(({ elementType, minimum, maximum }) => ({ elementType, minimum, maximum })),
      [
        { elementType: 'funcref', minimum: 2, maximum: 5 },
        { elementType: 'externref', minimum: 1, maximum: undefined },
      ],
    );
    assert.equal(info.start, 0);
    assert.deepEqual([...functionNames(bytes, info)], [[0, 'begin']]);
  });

  it('says which features are used, and where first', () => {
    const info = inspectModule(
      assemble(`(module (memory 1)
        (func (param i32))
        (func (result i32 i32)
          (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
          (i32.extend8_s (i32.const 1)) (i32.const 2)))`),
    );
    assert.deepEqual([...info.features.keys()].toSorted(), [
      'bulk-memory',
      'multi-value',
      'sign-extension',
    ]);
    assert.equal(info.features.get('bulk-memory')?.functionIndex, 1);
  });

  it('lists what it read up to a type that it cannot read behind', () => {
    const info = inspectModule(moduleOf(section(1, 2, 0x60, 0, 0, 0x5f, 0), section(5, 1, 0, 1)));
    assert.equal(info.complete, false);
    assert.deepEqual([...info.features.keys()], ['gc']);
  });

  it('refuses what is no module, and says at which byte', () => {
    assert.match(refusal(new Uint8Array()), /does not begin with/u);
    assert.match(refusal(new TextEncoder().encode('#!/bin/sh\n')), /does not begin with/u);
    assert.match(
      refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)),
      /a WebAssembly component.*wasm32-wasip1/u,
    );
    assert.match(refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0)), /version 2/u);
    assert.match(
      refusal(moduleOf([1, 100, 0])),
      /100 bytes are announced but missing at byte 0xa/u,
    );
    assert.match(refusal(moduleOf([1, 0xff, 0xff, 0xff, 0xff, 0x7f])), /more than 32 bits/u);
    assert.match(refusal(moduleOf(section(1, 0xff, 0xff, 0xff, 0xff, 0x0f))), /unexpected end/u);
    assert.match(refusal(moduleOf(section(5, 0), section(1, 0))), /section 1 out of order/u);
    assert.match(
      refusal(moduleOf(section(1, 0), section(1, 0))),
      /section 1 out of order or twice/u,
    );
    assert.match(refusal(moduleOf(section(99))), /an unknown section \(99\) at byte 0x8/u);
    assert.match(refusal(moduleOf(section(1, 0, 0))), /section 1 is longer than its content/u);
    assert.match(refusal(moduleOf(section(7, 1, 1, 0x61, 2, 0))), /memory 0 does not exist/u);
    assert.match(
      refusal(moduleOf(section(2, 1, 1, 0xff, 1, 0x61, 0, 0))),
      /a name that is not UTF-8/u,
    );
    assert.match(refusal(moduleOf(section(5, 1, 0, 0x81, 0x80, 0x04))), /over 4 GiB/u);
  });

  it('gives the names before the fault where the section of names is broken', () => {
    const names = [4, 0x6e, 0x61, 0x6d, 0x65, 1, 6, 2, 0, 1, 0x61, 1, 9];
    const bytes = moduleOf(section(0, ...names));
    assert.deepEqual([...functionNames(bytes, inspectModule(bytes))], [[0, 'a']]);
  });
});
