import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

/** A manifest without `module`, or the whole text of plugin.yaml as it stands. */
export type ManifestFields = Readonly<Record<string, unknown>> | string;

/** The module of a plugin that is shipped; `npm run build` makes it. */
export function shippedModule(plugin: 'memory' | 'durable'): string {
  return resolve(import.meta.dirname, `../../plugins/${plugin}/build/${plugin}.wasm`);
}

/** Plugins, sockets and data of one or several processes after each other, in a temporary folder. */
export class ServeFolders implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<ServeFolders> {
    const folders = new ServeFolders(await mkdtemp(join(tmpdir(), 'wasmstate-serve-')));
    await Promise.all([
      mkdir(folders.plugins),
      mkdir(folders.sockets, { mode: 0o755 }),
      mkdir(folders.data, { mode: 0o755 }),
    ]);
    return folders;
  }

  get plugins(): string {
    return join(this.root, 'plugins');
  }

  get sockets(): string {
    return join(this.root, 'sockets');
  }

  get data(): string {
    return join(this.root, 'data');
  }

  socket(plugin: string): string {
    return join(this.sockets, `${plugin}.sock`);
  }

  /**
   * Adds a plugin's folder.
   *
   * @param module its bytes, or the file to copy
   */
  async addPlugin(
    name: string,
    module: Uint8Array | string,
    manifest: ManifestFields = {},
  ): Promise<void> {
    const folder = join(this.plugins, name);
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'guest.wasm');
    if (typeof module === 'string') await cp(module, file);
    else await writeFile(file, module);
    const text =
      typeof manifest === 'string' ? manifest : stringify({ module: 'guest.wasm', ...manifest });
    await writeFile(join(folder, 'plugin.yaml'), text);
  }

  /** Names of everything in the sockets folder and below it, but for the staging folder itself. */
  async socketFiles(): Promise<readonly string[]> {
    const names = await readdir(this.sockets, { recursive: true });
    return names.filter((name) => name !== '.staging').toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
