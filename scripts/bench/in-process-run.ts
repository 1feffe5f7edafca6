// The host's own part of a call, without any transport: from request bytes to response bytes
// through service, component, pool and guest. Prints JSON; run by in-process.ts in a process of
// its own. `in-process-run <memory|durable> <Get|Set> <seconds>`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Components } from '../../src/component/components.ts';
import { loadPlugin } from '../../src/component/load-plugin.ts';
import { createPluginHost } from '../../src/component/plugin-host.ts';
import { readManifest } from '../../src/config/manifest.ts';
import { readModule } from '../../src/config/read-module.ts';
import { GetResponse } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { Meter } from '../../src/guest/meter.ts';
import { METHODS } from '../../src/guest/methods.ts';
import { createKeyspaces } from '../../src/kv/keyspaces.ts';
import { createLogger } from '../../src/observe/log.ts';
import { stateStoreServices } from '../../src/service/state-store.ts';
import { COMPONENT, VALUE, getMessage, initMessage, setMessage } from './state-messages.ts';

const [plugin = '', method = '', seconds = ''] = process.argv.slice(2);
/** Calls between two looks at the clock. */
const BATCH = 1000;

const dataFolder = mkdtempSync(join(tmpdir(), 'wasmstate-in-process-'));
const manifest = await readManifest(plugin, join(import.meta.dirname, '../../plugins', plugin));
const logger = createLogger(() => {}, 'bench');
const meter = new Meter();
const { module } = await loadPlugin(manifest, await readModule(manifest), logger, meter);
const keyspaces = createKeyspaces({ dataFolder });
const host = createPluginHost({ manifest, module, keyspaces, logger, meter });
const components = new Components(host, async () => {});
const context = { component: COMPONENT, deadline: Infinity };
const [stateStore] = stateStoreServices(components, new Set(METHODS));
const handler = stateStore?.handlers[method];
const get = stateStore?.handlers['Get'];
const set = stateStore?.handlers['Set'];
if (handler === undefined || get === undefined || set === undefined)
  throw new Error(`StateStore has no ${method}`);

await components.init(COMPONENT, initMessage({}));
await set(setMessage, context);
const stored = GetResponse.decode(await get(getMessage, context));
if (!VALUE.equals(stored.data)) throw new Error(`state.${plugin} does not give back what was set`);
const message = method === 'Get' ? getMessage : setMessage;

async function batch(): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < BATCH; i++) {
    const answer = handler?.(message, context);
    // An answer that is there at once is not waited for, as the transport does it.
    if (answer instanceof Promise) await answer;
  }
  return ((performance.now() - start) / BATCH) * 1000;
}

const warm = performance.now() + 1000;
while (performance.now() < warm) await batch();
const micros: number[] = [];
const end = performance.now() + Number(seconds) * 1000;
while (performance.now() < end || micros.length < 10) micros.push(await batch());

await components.close();
await keyspaces.close();
rmSync(dataFolder, { recursive: true });
console.log(JSON.stringify(micros));
