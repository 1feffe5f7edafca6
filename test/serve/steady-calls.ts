/** Calls that go on, one after another in several lines, until they are stopped. */
export class SteadyCalls implements AsyncDisposable {
  readonly failures: unknown[] = [];
  readonly #lines: readonly Promise<void>[];
  #answered = 0;
  #stopped = false;

  private constructor(call: () => Promise<unknown>, lines: number) {
    this.#lines = Array.from({ length: lines }, async () => {
      while (!this.#stopped) {
        try {
          await call();
          this.#answered += 1;
        } catch (error) {
          this.failures.push(error);
          // A refused connection fails in no time; leave some to others.
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    });
  }

  static start(call: () => Promise<unknown>, lines = 4): SteadyCalls {
    return new SteadyCalls(call, lines);
  }

  get answered(): number {
    return this.#answered;
  }

  /** Waits until so many more have been answered. */
  async more(count: number): Promise<void> {
    const enough = this.#answered + count;
    while (this.#answered < enough && !this.#stopped) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
