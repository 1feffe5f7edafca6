import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { guestFolder, guestModule } from './built.ts';

/** A built guest in a folder of its own, with parts of its manifest replaced; gives the folder. */
export async function copyGuest(
  name: string,
  into: string,
  manifest: Readonly<Record<string, unknown>>,
): Promise<string> {
  const folder = join(into, name);
  await mkdir(join(folder, 'build'), { recursive: true });
  await cp(guestModule(name), join(folder, 'build', `${name}.wasm`));
  const original: unknown = parse(await readFile(join(guestFolder(name), 'plugin.yaml'), 'utf8'));
  await writeFile(join(folder, 'plugin.yaml'), stringify(Object.assign({}, original, manifest)));
  return folder;
}
