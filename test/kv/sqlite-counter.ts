import { writeSync } from 'node:fs';
import { SqliteKeyspace } from '../../src/kv/sqlite/keyspace.ts';
import { openDatabase } from '../../src/kv/sqlite/open.ts';
import { Client, hasVersion, put, within } from './client.ts';

// A process that counts the key `n` up, beside others, and signs each step with its name. Each
// line on its output is a step that was acknowledged: the number and its version.
const [, , file = '', name = '', steps = ''] = process.argv;
const kv = new Client(new SqliteKeyspace(await openDatabase(file, { synchronous: 'full' }), file));
for (let done = 0; done < Number(steps);) {
  const [entry] = await kv.get('n');
  if (entry?.found !== true) throw new Error('n is gone');
  const next = Number(entry.value.toString()) + 1;
  const { version, failedCheck, error } = await kv.tryCommit(
    [put('n', String(next)), put(`step ${next}`, name)],
    [hasVersion('n', entry.version)],
    within(10_000),
  );
  if (error !== undefined) throw new Error(error.message);
  if (failedCheck !== undefined) continue;
  writeSync(1, `${next} ${version}\n`);
  done += 1;
}
await kv.keyspace.close();
