import { Etcd3, type IOptions, type KVClient } from 'etcd3';

/** Ms for a token. */
const TOKEN_TIMEOUT = 2000;

/** Options of one request, as grpc-js takes them. */
export type CallOptions = NonNullable<Parameters<KVClient['range']>[1]>;
type Interceptor = NonNullable<CallOptions['interceptors']>[number];

/**
 * The token that etcd gives for user and password. The client library could ask for it by
 * itself, but leaves a connection open for each.
 */
export class Token {
  readonly #options: IOptions;
  readonly #user: { readonly name: string; readonly password: string };
  #current: Promise<string> | undefined;

  constructor(options: IOptions, user: { name: string; password: string }) {
    this.#options = options;
    this.#user = user;
  }

  /** What puts the token into a request. Fails as a request does. */
  async interceptor(): Promise<Interceptor> {
    const current = (this.#current ??= this.#ask());
    const forget = (): void => {
      if (this.#current === current) this.#current = undefined;
    };
    try {
      return carrying(await current, forget);
    } catch (error) {
      forget();
      throw error;
    }
  }

  async #ask(): Promise<string> {
    const client = new Etcd3(this.#options);
    try {
      const deadline = Date.now() + TOKEN_TIMEOUT;
      const { token } = await client.auth.authenticate(this.#user, { deadline });
      return token;
    } finally {
      client.close();
    }
  }
}

/** The status of a request whose token has run out; etcd did nothing for it. */
export const TOKEN_EXPIRED = 'the token has run out';

function carrying(token: string, onExpired: () => void): Interceptor {
  return (options, nextCall) => {
    const call = nextCall(options);
    const start = call.start.bind(call);
    call.start = (metadata, listener) => {
      metadata.set('token', token);
      start(metadata, {
        onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
        onReceiveMessage: (message: unknown) => {
          listener?.onReceiveMessage?.(message);
        },
        onReceiveStatus: (status) => {
          const expired = status.details.includes('invalid auth token');
          if (expired) onExpired();
          // Under its own words the library would send the same token again, for ever.
          const told = expired ? { ...status, details: TOKEN_EXPIRED } : status;
          listener?.onReceiveStatus?.(told);
        },
      });
    };
    // Declared as the class that wraps calls; what nextCall gives is all that is used of it.
    return call as ReturnType<Interceptor>;
  };
}
