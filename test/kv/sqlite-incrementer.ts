import { parentPort, workerData } from 'node:worker_threads';
import { SqliteKeyspace } from '../../src/kv/sqlite/keyspace.ts';
import { openDatabase } from '../../src/kv/sqlite/open.ts';
import { Client, hasVersion, put } from './client.ts';

// A thread of its own that counts the key `n` up.
const { file, times } = workerData as { file: string; times: number };
const kv = new Client(new SqliteKeyspace(await openDatabase(file, { synchronous: 'full' }), file));
parentPort?.postMessage('ready');
for (let done = 0; done < times;) {
  const [entry] = await kv.get('n');
  if (entry === undefined) throw new Error('n is gone');
  const { failedCheck, error } = await kv.tryCommit(
    [put('n', String(Number(entry.value.toString()) + 1))],
    [hasVersion('n', entry.version)],
  );
  if (error !== undefined) throw new Error(error.message);
  if (failedCheck === undefined) done += 1;
}
await kv.keyspace.close();
