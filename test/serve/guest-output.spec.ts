import assert from 'node:assert/strict';
import { Served } from './served.ts';
import { WRITE_IMPORT, answer, bytes, watGuest, write } from './wat-guest.ts';

const LINES = 'said aloud\n{"level":"error","msg":"not ours"}\nand a part';
const REST = ' of a line\n';
const LONG = 10_000;
const BURST = 50;

describe('what a guest writes', () => {
  const served = Served.forTests(async (folders) => {
    const talker = watGuest({
      imports: WRITE_IMPORT,
      fields: `
        (data (i32.const 256) ${bytes(LINES)})
        (data (i32.const 512) ${bytes(REST)})
        (data (i32.const 600) ${bytes('a complaint\n')})
        (data (i32.const 8192) ${bytes('x'.repeat(LONG))})`,
      exports: {
        get: `${write(1, 256, LINES.length)} ${answer(0, 0)}`,
        set: `${write(1, 512, REST.length)} ${write(2, 600, 12)} ${answer(0, 0)}`,
        delete: `${write(1, 8192, LONG)} ${write(1, 512, REST.length)} ${answer(0, 0)}`,
      },
    });
    await folders.addPlugin('talker', talker);
    const flood = watGuest({
      imports: WRITE_IMPORT,
      fields: `(data (i32.const 256) ${bytes('again\n'.repeat(BURST))})`,
      exports: { get: `${write(1, 256, 6 * BURST)} ${answer(0, 0)}` },
    });
    await folders.addPlugin('flood', flood, { limits: { logLines: 5 } });
  });

  const lines = (component: string) =>
    served.process
      .logLines({ plugin: 'talker', component })
      .map(({ level, msg, stream, scope }) => [level, msg, stream, scope]);

  it('becomes log lines of its plugin and component, a line each', async () => {
    const client = await served.open('talker', 'lines');
    await client.get('key');
    await client.set('key', 'value');
    await served.process.logged({ component: 'lines', msg: 'a complaint' });
    const scope = 'wasmstate.plugin.talker.guest';
    assert.deepEqual(lines('lines'), [
      ['info', 'said aloud', 'stdout', scope],
      ['info', '{"level":"error","msg":"not ours"}', 'stdout', scope],
      ['info', 'and a part of a line', 'stdout', scope],
      ['warning', 'a complaint', 'stderr', scope],
    ]);
  });

  it('is cut where a line is too long', async () => {
    const client = await served.open('talker', 'long');
    await client.delete('key');
    const { msg } = await served.process.logged({ component: 'long', msg: /^x/ });
    assert.equal(msg, `${'x'.repeat(8192)} [cut]`);
  });

  it('is held back above limits.logLines a second, and how much is said', async () => {
    const client = await served.open('flood');
    const log = served.process;
    const dropped = { plugin: 'flood', level: 'warning', linesPerSecond: 5 };
    // The number is told in the next second that has a line.
    while (log.logLines(dropped).length === 0) await client.get('key');
    const [warning] = log.logLines(dropped);
    assert.ok(Number(warning?.['dropped']) >= BURST - 10, JSON.stringify(warning));
    const passed = log.logLines({ plugin: 'flood', msg: 'again' });
    const seconds = new Set(passed.map(({ time }) => time.slice(0, 19))).size;
    // The guest's seconds need not begin with the log's.
    assert.ok(passed.length <= 5 * (seconds + 1), `${passed.length} in ${seconds} s`);
  });
});
