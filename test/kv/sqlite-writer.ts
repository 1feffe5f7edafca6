import { writeSync } from 'node:fs';
import { SqliteKeyspace } from '../../src/kv/sqlite/keyspace.ts';
import { openDatabase } from '../../src/kv/sqlite/open.ts';
import { Client, put } from './client.ts';

// Writes until it is killed; each line on its output is a key that was acknowledged.
const [, , file = '', run = ''] = process.argv;
const kv = new Client(new SqliteKeyspace(await openDatabase(file, { synchronous: 'full' }), file));
await Promise.all(
  Array.from({ length: 8 }, async (_, writer) => {
    for (let index = 0; ; index += 1) {
      const key = `${run}-${writer}-${index}`;
      await kv.commit([put(key, key), put(`${key}-twin`, key)]);
      writeSync(1, `${key}\n`);
    }
  }),
);
