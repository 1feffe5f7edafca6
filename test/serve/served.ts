import { ServeFolders } from './serve-folders.ts';
import { StateClient } from './state-client.ts';
import { WasmstateProcess, type StartOptions } from './wasmstate-process.ts';

/** A process that serves during the tests of one `describe`, and what they need of it. */
export class Served {
  readonly #clients: StateClient[] = [];
  #process: WasmstateProcess | undefined;

  /**
   * Starts a process before the tests around it, and after them stops it by SIGTERM and holds
   * that nothing of it is left behind.
   *
   * @param prepare adds plugins
   */
  static forTests(
    prepare: (this: Mocha.Context, folders: ServeFolders) => Promise<void>,
    options: StartOptions = {},
  ): Served {
    const served = new Served();
    let folders: ServeFolders | undefined;
    before(async function () {
      this.timeout(90_000);
      folders = await ServeFolders.make();
      await prepare.call(this, folders);
      served.#process = await WasmstateProcess.start(folders, options);
    });
    afterEach(function () {
      if (this.currentTest?.state === 'failed') console.log(served.#process?.stderr.slice(-4000));
    });
    after(async function () {
      this.timeout(60_000);
      for (const client of served.#clients) client[Symbol.dispose]();
      try {
        await served.#process?.stop();
      } finally {
        await served.#process?.[Symbol.asyncDispose]();
        await folders?.[Symbol.asyncDispose]();
      }
    });
    return served;
  }

  get process(): WasmstateProcess {
    if (this.#process === undefined) throw new Error('the process serves inside tests only');
    return this.#process;
  }

  /** A connection that is closed after the tests. */
  connect(plugin: string, component?: string): StateClient {
    const client = StateClient.connect(this.process.socket(plugin), component);
    this.#clients.push(client);
    return client;
  }

  /** The same with an Init that went well. */
  async open(
    plugin: string,
    component?: string,
    properties?: Readonly<Record<string, string>>,
  ): Promise<StateClient> {
    const client = this.connect(plugin, component);
    await client.init(properties);
    return client;
  }
}
