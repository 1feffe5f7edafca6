import assert from 'node:assert/strict';
import { ReflectionClient } from './reflection-client.ts';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { answer, watGuest } from './wat-guest.ts';

const PACKAGE = 'dapr.proto.components.v1';
const HEALTH = 'grpc.health.v1.Health';
const SERVING = Buffer.of(0x08, 1);

const served = {
  memory: [
    `${PACKAGE}.QueriableStateStore`,
    `${PACKAGE}.StateStore`,
    `${PACKAGE}.TransactionalStateStore`,
    `${PACKAGE}.TransactionalStoreMultiMaxSize`,
  ],
  transactional: [`${PACKAGE}.StateStore`, `${PACKAGE}.TransactionalStateStore`],
  small: [`${PACKAGE}.StateStore`],
} as const;

describe('what a socket tells of itself', () => {
  const process = Served.forTests(async (folders) => {
    await folders.addPlugin('memory', shippedModule('memory'));
    const exports = { transactional_state_store_transact: answer(0, 0) };
    await folders.addPlugin('transactional', watGuest({ exports }));
    await folders.addPlugin('small', watGuest({}));
  });

  for (const version of ['v1', 'v1alpha'] as const) {
    for (const [plugin, services] of Object.entries(served)) {
      it(`is by reflection ${version} exactly what ${plugin} serves, and health`, async () => {
        using client = new ReflectionClient(process.process.socket(plugin), version);
        assert.deepEqual(await client.services(), [...services, HEALTH]);
      });
    }

    it(`has by reflection ${version} the files of every service, with what they import`, async () => {
      using client = new ReflectionClient(process.process.socket('memory'), version);
      for (const service of await client.services()) {
        const files = (await client.filesOf(service)).map((file) => file.toString('latin1'));
        const imports = service === HEALTH ? [] : ['components/v1/common.proto', 'any.proto'];
        for (const part of [service.split('.').at(-1) ?? '', ...imports]) {
          assert.ok(
            files.some((file) => file.includes(part)),
            `${service}: ${part}`,
          );
        }
      }
    });
  }

  it('is that it is healthy, as a whole and by service', async () => {
    for (const [plugin, services] of Object.entries(served)) {
      const client = process.connect(plugin);
      const check = (service: string): Promise<Buffer> =>
        client.call(
          `${HEALTH}/Check`,
          Buffer.from([0x0a, service.length, ...Buffer.from(service)]),
        );
      for (const service of ['', ...services]) assert.deepEqual(await check(service), SERVING);
      await assert.rejects(check('another.Service'), { code: 'NOT_FOUND' });
    }
  });

  it('is UNIMPLEMENTED for services that it has not', async () => {
    const client = process.connect('small');
    const empty = new Uint8Array();
    for (const method of [
      `${PACKAGE}.TransactionalStateStore/Transact`,
      `${PACKAGE}.StateStore/Nothing`,
      'another.Service/Method',
    ]) {
      await assert.rejects(client.call(method, empty), { code: 'UNIMPLEMENTED' });
    }
    assert.ok(client.isConnected);
  });
});
