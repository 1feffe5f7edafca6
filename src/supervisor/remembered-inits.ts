import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { WasmstateError } from '../error.ts';
import { makeFolders } from '../make-folders.ts';
import type { Logger } from '../observe/log.ts';
import type { RememberedInit } from '../thread/messages.ts';

const schema = z.strictObject({
  version: z.literal(1),
  /** Of each component, its InitRequest in base64. */
  components: z.record(z.string(), z.base64()),
});

/**
 * The Inits that one plugin's components were initialised with. daprd never repeats them, so
 * they are kept for every successor and, in a file, for the next process. They hold secrets:
 * the file is its user's alone.
 */
export class RememberedInits {
  readonly #file: string | undefined;
  readonly #requests: Map<string, Uint8Array>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string | undefined, requests: Map<string, Uint8Array>) {
    this.#file = file;
    this.#requests = requests;
  }

  /** Without a file nothing outlives the process. A file that cannot be used is set aside. */
  static async open(file: string | undefined, logger: Logger): Promise<RememberedInits> {
    if (file === undefined) return new RememberedInits(undefined, new Map());
    try {
      const { components } = schema.parse(JSON.parse(await readFile(file, 'utf8')));
      return new RememberedInits(
        file,
        new Map(
          Object.entries(components).map(([name, request]) => [
            name,
            Buffer.from(request, 'base64'),
          ]),
        ),
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        const aside = `${file}.unreadable`;
        await rename(file, aside).catch(() => {});
        logger.error(
          'the remembered Inits cannot be read and were set aside; restart daprd, so that it initialises its components again',
          { file: aside },
        );
      }
      return new RememberedInits(file, new Map());
    }
  }

  all(): readonly RememberedInit[] {
    return [...this.#requests].map(([component, request]) => ({ component, request }));
  }

  /** Those that another list has not, or has otherwise. */
  differingFrom(known: readonly RememberedInit[]): readonly RememberedInit[] {
    const before = new Map(known.map(({ component, request }) => [component, request]));
    return this.all().filter(({ component, request }) => {
      const other = before.get(component);
      return other === undefined || Buffer.compare(other, request) !== 0;
    });
  }

  /** Takes over what another process was initialised with. Gives those that are new here. */
  async adopt(inits: readonly RememberedInit[]): Promise<readonly RememberedInit[]> {
    const before = this.all();
    for (const init of inits) await this.keep(init);
    return this.differingFrom(before);
  }

  /** Keeps an Init; when this returns it survives the end of the process. */
  async keep({ component, request }: RememberedInit): Promise<void> {
    this.#requests.set(component, request);
    if (this.#file === undefined) return;
    const file = this.#file;
    const mine = this.#writing.then(() => this.#write(file));
    this.#writing = mine.catch(() => {});
    await mine;
  }

  async #write(file: string): Promise<void> {
    const components = Object.fromEntries(
      [...this.#requests].map(([name, request]) => [name, Buffer.from(request).toString('base64')]),
    );
    // Of this process alone: the one that it succeeds may still be writing too.
    const path = `${file}.${process.pid}.next`;
    try {
      makeFolders(dirname(file), 0o700);
      const next = await open(path, 'w', 0o600);
      try {
        await next.writeFile(JSON.stringify({ version: 1, components }));
        await next.sync();
      } finally {
        await next.close();
      }
      await rename(path, file);
    } catch (cause) {
      throw new WasmstateError(
        'UNAVAILABLE',
        `the Init cannot be kept in ${file}; mend the data folder, or run with --no-remember-inits`,
        { cause },
      );
    }
  }
}
