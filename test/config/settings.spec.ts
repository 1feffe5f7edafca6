import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  defaultDataFolder,
  defaultSocketsFolder,
  parseSettings,
  switchOf,
} from '../../src/config/settings.ts';

const options = {
  plugins: 'plugins',
  sockets: '/tmp/sockets',
  socketMode: '0770',
  data: '/tmp/data',
  logLevel: 'info',
  logFormat: 'json',
  rememberInits: true,
  takeover: false,
  drain: '10s',
};

describe('the settings of serve', () => {
  it('become numbers where they are bits, ids and durations', () => {
    const settings = parseSettings({ ...options, socketMode: '660', socketGroup: '1000' });
    assert.equal(settings.socketMode, 0o660);
    assert.equal(settings.socketGroup, 1000);
    assert.equal(settings.drain, 10_000);
    assert.equal(parseSettings(options).socketGroup, undefined);
  });

  it('are told by their flags where they are wrong, all at once', () => {
    const wrong = { ...options, socketMode: '0999', socketGroup: 'staff', drain: 'long' };
    assert.throws(
      () => parseSettings(wrong),
      (error: { code: string; message: string }) => {
        assert.equal(error.code, 'CONFIG_INVALID');
        const [mode, group, drain] = error.message.split('\n');
        assert.match(mode ?? '', /^--socket-mode: must be octal permission bits/);
        assert.match(group ?? '', /^--socket-group: must be a numeric group id/);
        assert.match(drain ?? '', /^--drain: "long" is not a number with a unit/);
        return true;
      },
    );
  });

  it('have switches that variables turn on and off', () => {
    for (const off of [undefined, '', '0', 'false']) assert.equal(switchOf({ X: off }, 'X'), false);
    for (const on of ['1', 'true']) assert.equal(switchOf({ X: on }, 'X'), true);
    const wrong = { ...options, takeover: switchOf({ X: 'no' }, 'X') };
    assert.throws(
      () => parseSettings(wrong),
      /--takeover: WASMSTATE_TAKEOVER must be true or false/,
    );
  });

  it("find the sockets folder by Dapr's variables, in daprd's order", () => {
    const all = {
      DAPR_COMPONENTS_SOCKETS_FOLDER: '/first',
      DAPR_COMPONENT_SOCKETS_FOLDER: '/second',
      DAPR_COMPONENT_SOCKET_FOLDER: '/third',
    };
    const { DAPR_COMPONENTS_SOCKETS_FOLDER: _, ...two } = all;
    assert.equal(defaultSocketsFolder(all), '/first');
    assert.equal(defaultSocketsFolder(two), '/second');
    assert.equal(defaultSocketsFolder({ ...two, DAPR_COMPONENT_SOCKETS_FOLDER: '' }), '/third');
    assert.equal(defaultSocketsFolder({}), '/tmp/dapr-components-sockets');
  });

  it("find the data folder by its variable, or where the user's state lies", () => {
    const both = { WASMSTATE_DATA: '/data', XDG_STATE_HOME: '/state' };
    assert.equal(defaultDataFolder(both), '/data');
    assert.equal(defaultDataFolder({ XDG_STATE_HOME: '/state' }), '/state/wasmstate');
    assert.equal(defaultDataFolder({}), join(homedir(), '.local/state/wasmstate'));
  });
});
