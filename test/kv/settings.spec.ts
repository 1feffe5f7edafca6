import assert from 'node:assert/strict';
import { kvSettingsSchema, splitKvProperties } from '../../src/config/kv-settings.ts';
import { WasmstateError } from '../../src/error.ts';

describe('settings of the key-value capability', () => {
  const grant = (settings: object) => kvSettingsSchema.parse(settings);
  const failure = (settings: object | undefined, properties: Record<string, string>): string => {
    try {
      splitKvProperties(settings === undefined ? undefined : grant(settings), properties);
    } catch (error) {
      assert.ok(error instanceof WasmstateError);
      assert.equal(error.code, 'CONFIG_INVALID');
      return error.message;
    }
    return assert.fail('it was accepted');
  };
  const manifestProblems = (settings: object): string[] =>
    (kvSettingsSchema.safeParse(settings).error?.issues ?? []).map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.join()}: unknown`
        : `${issue.path.join('.')}: ${issue.message}`,
    );

  it('are sqlite with full durability where nothing is said', () => {
    assert.deepEqual(splitKvProperties(grant({}), {}).settings, {
      engine: 'sqlite',
      path: 'kv',
      synchronous: 'full',
      share: undefined,
    });
  });

  it('come from the manifest, then from the component', () => {
    const { settings } = splitKvProperties(
      grant({ engine: 'redis', url: 'redis://manifest:1', prefix: 'one', share: 'all' }),
      { 'kv.url': 'rediss://component:2', 'kv.password': 'x', 'kv.cluster': 'true' },
    );
    assert.deepEqual(settings, {
      engine: 'redis',
      url: 'rediss://component:2',
      password: 'x',
      cluster: true,
      prefix: 'one',
      share: 'all',
    });
  });

  it('take numbers and sizes from text as well', () => {
    const postgres = { 'kv.engine': 'postgres', 'kv.url': 'postgres://h/d', 'kv.connections': '3' };
    const first = splitKvProperties(grant({}), postgres).settings;
    assert.equal(first.engine === 'postgres' && first.connections, 3);
    const etcd = { engine: 'etcd', url: 'http://a:1, http://b:2', maxOperations: 512 };
    const second = splitKvProperties(grant(etcd), { 'kv.maxRequest': '4MiB' }).settings;
    assert.deepEqual(second, {
      engine: 'etcd',
      url: ['http://a:1', 'http://b:2'],
      prefix: 'wasmstate',
      maxOperations: 512,
      maxRequest: 4 * 1024 * 1024,
      share: undefined,
    });
  });

  it('never reach the guest', () => {
    const { guestProperties } = splitKvProperties(grant({}), {
      'kv.engine': 'memory',
      kv: 'not one',
      'kvx.y': 'nor this',
      url: 'nor that',
    });
    assert.deepEqual(guestProperties, { kv: 'not one', 'kvx.y': 'nor this', url: 'nor that' });
  });

  it("leave the manifest's behind with its engine", () => {
    const manifest = { engine: 'redis', url: 'redis://h:1', prefix: 'p', share: 's' };
    const { settings } = splitKvProperties(grant(manifest), { 'kv.engine': 'memory' });
    assert.deepEqual(settings, { engine: 'memory', share: 's' });
  });

  it('name the property that is wrong, and never its value', () => {
    const secret = 'hunter2';
    const cases: [object | undefined, Record<string, string>, RegExp][] = [
      [{}, { 'kv.nonsense': secret }, /^kv\.nonsense: engine sqlite has no such setting$/],
      [{}, { 'kv.url': secret }, /^kv\.url: engine sqlite has no such setting$/],
      [{}, { 'kv.engine': secret }, /^kv\.engine: must be one of memory, sqlite, redis/],
      [{}, { 'kv.synchronous': secret }, /^kv\.synchronous: must be full or normal$/],
      [{ engine: 'redis' }, {}, /^kv\.url: is required/],
      [{ engine: 'redis' }, { 'kv.url': secret }, /^kv\.url: must be a URL such as redis:/],
      [{ engine: 'redis' }, { 'kv.url': `http://u:${secret}@h` }, /^kv\.url: must be a URL/],
      [
        { engine: 'redis' },
        { 'kv.url': `redis://h/${secret}` },
        /^kv\.url: must end in the number/,
      ],
      [{ engine: 'redis' }, { 'kv.url': `redis://:${secret}%E0@h` }, /^kv\.url: .*percent-encoded/],
      [{}, { 'kv.path': `../${secret}` }, /^kv\.path: must stay below the data folder/],
      [{}, { 'kv.path': `/data/../${secret}` }, /^kv\.path: must stay below the data folder/],
      [
        { engine: 'redis', url: 'redis://h' },
        { 'kv.cluster': secret },
        /^kv\.cluster: must be true or false$/,
      ],
      [{ engine: 'etcd' }, { 'kv.url': `http://u:${secret}@h:1` }, /^kv\.url: must be URLs such/],
      [
        { engine: 'etcd', url: 'http://h:1' },
        { 'kv.maxRequest': secret },
        /^kv\.maxRequest: must be a size/,
      ],
      [
        { engine: 'postgres', url: 'postgres://h/d' },
        { 'kv.connections': secret, 'kv.schema': `x; DROP ${secret}` },
        /^kv\.schema: must be a lower-case SQL name\nkv\.connections: must be a whole number$/,
      ],
      [{}, { 'kv.share': secret }, /^kv\.share: only the plugin's manifest may share/],
      [undefined, { 'kv.engine': secret }, /add the line `kv: \{\}` to its plugin\.yaml/],
    ];
    for (const [manifest, properties, message] of cases) {
      const text = failure(manifest, properties);
      assert.match(text, message);
      assert.doesNotMatch(text, /hunter2/);
    }
  });

  it('of a manifest may lack what components supply, but hold nothing wrong', () => {
    assert.deepEqual(manifestProblems({ engine: 'redis' }), []);
    assert.deepEqual(manifestProblems({ engine: 'redis', path: 'x' }), ['path: unknown']);
    assert.deepEqual(manifestProblems({ path: '' }), ['path: must not be empty']);
    assert.match(manifestProblems({ engine: 'mysql' }).join(), /^engine: must be one of memory/);
    assert.deepEqual(manifestProblems({ engine: 'etcd', maxOperations: 0 }), [
      'maxOperations: must be at least 1',
    ]);
  });
});
