/** Something that several users hold at a time. */
interface Closable {
  close(): Promise<void>;
}

interface Resource<T> {
  readonly opening: Promise<T>;
  uses: number;
}

/** One use of a shared resource. */
export interface Lease<T> {
  readonly value: T;
  /** Ends this use; after the last the resource closes. Later calls do nothing. */
  readonly release: () => Promise<void>;
}

/** Resources by name, each opened for its first user and closed after its last. */
export class Shared<T extends Closable> {
  readonly #resources = new Map<string, Resource<T>>();

  /**
   * Opens `key`, or joins those who have it. With `keep` it stays open without users, until
   * `close`. Fails as `open` does, and then the next one tries again.
   */
  async acquire(key: string, open: () => Promise<T>, keep = false): Promise<Lease<T>> {
    let resource = this.#resources.get(key);
    if (resource === undefined) {
      resource = { opening: open(), uses: keep ? 1 : 0 };
      this.#resources.set(key, resource);
    }
    const { opening } = resource;
    const held = resource;
    held.uses += 1;
    let value: T;
    try {
      value = await opening;
    } catch (error) {
      this.#forget(key, held);
      throw error;
    }
    let released = false;
    const release = async (): Promise<void> => {
      if (released) return;
      released = true;
      held.uses -= 1;
      if (held.uses > 0) return;
      this.#forget(key, held);
      await value.close();
    };
    return { value, release };
  }

  /** Closes everything under its users. */
  async close(): Promise<void> {
    const all = [...this.#resources.values()];
    this.#resources.clear();
    await Promise.all(
      all.map(async ({ opening }) => {
        const value = await opening.catch(() => undefined);
        await value?.close();
      }),
    );
  }

  #forget(key: string, resource: Resource<T>): void {
    if (this.#resources.get(key) === resource) this.#resources.delete(key);
  }
}
