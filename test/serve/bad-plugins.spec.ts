import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assemble } from '../guest/binary/assemble.ts';
import { Served } from './served.ts';
import { SPIN, watGuest } from './wat-guest.ts';

const guest = watGuest({ value: 'well' });
const MANIFEST = 'module: guest.wasm\n';

/** Of each plugin that is not served: its module, its plugin.yaml, and what the log says of it. */
const bad: Readonly<
  Record<string, { module?: Uint8Array; manifest: string; says: readonly RegExp[] }>
> = {
  'unknown-field': {
    manifest: `${MANIFEST}limits:\n  call: 1s\n  memroy: 1MiB\n`,
    says: [/unknown-field\/plugin\.yaml:4: limits\.memroy: unknown field/],
  },
  'several-mistakes': {
    manifest: `${MANIFEST}pool: { max: 0 }\nlimits: { call: soon }\n\nspeed: 11\n`,
    says: [
      /plugin\.yaml:2: pool\.max: /,
      /plugin\.yaml:3: limits\.call: "soon" is not a number with a unit/,
      /plugin\.yaml:5: speed: unknown field/,
    ],
  },
  'no-yaml': {
    manifest: `${MANIFEST}limits: { call: 1s\n`,
    says: [/no-yaml\/plugin\.yaml:\d: not valid YAML/],
  },
  'no-module-field': { manifest: 'state: guest\n', says: [/plugin\.yaml:1: module: /] },
  'empty-manifest': { manifest: '', says: [/plugin\.yaml:1: module: /] },
  'module-missing': {
    manifest: 'module: build/other.wasm\n',
    says: [/module .*\/build\/other\.wasm cannot be read; build it or mend `module`/],
  },
  'module-outside': {
    manifest: 'module: ../unknown-field/guest.wasm\n',
    says: [/plugin\.yaml:1: module: must be the path of a Wasm file inside/],
  },
  'other-digest': {
    manifest: `${MANIFEST}sha256: ${'AB'.repeat(32)}\n`,
    says: [/has the SHA-256 [0-9a-f]{64}, plugin\.yaml asks for (ab){32}/],
  },
  'several-instances': {
    manifest: `${MANIFEST}state: guest\npool:\n  max: 4\n`,
    says: [/plugin\.yaml:4: pool\.max: .*in its one instance/],
  },
  'several-instances-unsaid': {
    manifest: `${MANIFEST}pool: { maxCalls: 1000 }\n`,
    says: [/pool\.maxCalls: .*in its one instance.*`state: host`/],
  },
  'no-wasm': { module: Buffer.from('#!/bin/sh\n'), manifest: MANIFEST, says: [/plugin no-wasm: /] },
  'unknown-imports': {
    module: watGuest({
      imports: `(import "env" "launch" (func)) (import "wasi_snapshot_preview1" "nothing" (func))`,
    }),
    manifest: MANIFEST,
    says: [
      /import "env" "launch" .*: the host has no such function/,
      /import "wasi_snapshot_preview1" "nothing" /,
    ],
  },
  'no-grant': {
    module: watGuest({ imports: '(import "kv" "get" (func (param i32 i32) (result i64)))' }),
    manifest: MANIFEST,
    says: [/import "kv" "get" .*not granted: add the line `kv: \{\}` to plugin\.yaml/],
  },
  'wrong-signature': {
    module: assemble(`(module (memory (export "memory") 1)
      (func (export "malloc") (param i64) (result i32) (i32.const 0))
      (func (export "state_store_api_version") (result i64) (i64.const 1))
      (func (export "state_store_get") (param i32 i32) (result i64) (i64.const 0)))`),
    manifest: MANIFEST,
    says: [
      /export malloc is \(i64\) -> i32, must be \(i32\) -> i32/,
      /missing export free/,
      /missing export state_store_set/,
      /missing export state_store_delete/,
    ],
  },
  'other-version': {
    module: assemble(`(module (memory (export "memory") 1)
      (func (export "malloc") (param i32) (result i32) (i32.const 8))
      (func (export "free") (param i32))
      (func (export "state_store_api_version") (result i64) (i64.const 2))
      ${['get', 'set', 'delete']
        .map(
          (name) =>
            `(func (export "state_store_${name}") (param i32 i32) (result i64) (i64.const 0))`,
        )
        .join('\n')})`),
    manifest: MANIFEST,
    says: [/state_store_api_version answers version 2, the host speaks 1/],
  },
  'endless-start': {
    module: watGuest({ fields: `(func $start ${SPIN}) (start $start)` }),
    manifest: `${MANIFEST}limits: { init: 200ms }\n`,
    says: [/start function took longer than 200 ms/],
  },
  'trapping-start': {
    module: watGuest({ fields: '(func $start (unreachable)) (start $start)' }),
    manifest: MANIFEST,
    says: [/did not start.*unreachable/],
  },
  'dialect-mistaken': {
    manifest: `${MANIFEST}dialect: store-v0.1\n`,
    says: [/missing export store_get/],
  },
  'Upper-Case': { manifest: MANIFEST, says: [/cannot become a Dapr component type/] },
};

describe('plugins that cannot be served', () => {
  const served = Served.forTests(async (folders) => {
    for (const [name, { module = guest, manifest }] of Object.entries(bad)) {
      await folders.addPlugin(name, module, manifest);
    }
    await folders.addPlugin('good', guest);
    await folders.addPlugin('twin', guest);
    await writeFile(join(folders.plugins, 'bare.wasm'), guest);
    await writeFile(join(folders.plugins, 'twin.wasm'), guest);
    await writeFile(join(folders.plugins, 'README.md'), 'not a plugin');
    await mkdir(join(folders.plugins, 'no-plugin'));
  });

  it('do not stop those that can, bare modules among them', async () => {
    for (const name of ['good', 'bare']) {
      assert.equal(await (await served.open(name)).text('key'), 'well');
    }
    const sockets = (await served.process.folders.socketFiles()).filter(
      (name) => !name.startsWith('.staging'),
    );
    assert.deepEqual(sockets, ['bare.sock', 'good.sock']);
    assert.match(served.process.stdout, /state\.good on /);
    assert.doesNotMatch(served.process.stdout, /state\.unknown-field/);
  });

  for (const [name, { says }] of Object.entries(bad)) {
    it(`are named with the reason: ${name}`, async () => {
      const line = await served.process.logged({ msg: 'plugin is not served', plugin: name });
      for (const part of says) assert.match(String(line['error']), part);
    });
  }

  it('are named with the reason: two of one name', async () => {
    const line = await served.process.logged({ msg: 'plugin is not served', plugin: 'twin' });
    assert.match(String(line['error']), /twin\.wasm: there is a folder twin as well/);
  });

  it('are all that is logged of them, once each', () => {
    const names = served.process.logLines({ level: 'error' }).map(({ plugin }) => String(plugin));
    assert.deepEqual(names.toSorted(), [...Object.keys(bad), 'twin'].toSorted());
  });
});
