import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const shipped = join(import.meta.dirname, '../../plugins');

/**
 * A copy of a shipped plugin under another name, with parts of its manifest replaced. The
 * plugin must have been built.
 */
export async function copyPlugin(
  from: 'memory' | 'durable',
  folder: string,
  name: string,
  manifest: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const copy = join(folder, name);
  await mkdir(copy, { recursive: true });
  await cp(join(shipped, from, 'build'), join(copy, 'build'), { recursive: true });
  const text = await readFile(join(shipped, from, 'plugin.yaml'), 'utf8');
  const original: unknown = parse(text);
  await writeFile(join(copy, 'plugin.yaml'), stringify(Object.assign({}, original, manifest)));
}
