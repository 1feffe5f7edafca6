import type { Route } from '../grpc/channel.ts';
import { withTimeout } from '../grpc/request-head.ts';
import { RpcError } from '../grpc/rpc-error.ts';
import { unaryCall } from '../grpc/unary.ts';
import { AUTHENTICATE } from './api.ts';
import { isMisconfigured } from './errors.ts';
import { headOf } from './heads.ts';

/** Ms for a token. */
const TOKEN_TIMEOUT = 2000;

export interface User {
  readonly name: string;
  readonly password: string;
}

/** The token that etcd gives for user and password, until it runs out. */
export class Token {
  readonly #user: User;
  #current: string | undefined;
  #asking: Promise<string> | undefined;

  constructor(user: User) {
    this.#user = user;
  }

  get current(): string | undefined {
    return this.#current;
  }

  /** Asks for one, together with all who ask meanwhile. Fails with an RpcError. */
  ask(route: Route): Promise<string> {
    this.#asking ??= this.#authenticate(route).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** etcd does not know it any more. */
  forget(token: string): void {
    if (this.#current === token) this.#current = undefined;
  }

  async #authenticate({ connection, endpoint }: Route): Promise<string> {
    const { path, encode, decode } = AUTHENTICATE;
    const head = withTimeout(headOf(endpoint, path, undefined), TOKEN_TIMEOUT);
    const timeout = AbortSignal.timeout(TOKEN_TIMEOUT);
    try {
      const { token } = decode(await unaryCall(connection, head, encode(this.#user), timeout));
      this.#current = token;
      return token;
    } catch (error) {
      if (!(error instanceof RpcError) || isMisconfigured(error)) throw error;
      // Whatever the token was wanted for was not sent.
      throw new RpcError(error.code, `no token: ${error.message}`, false, { cause: error });
    }
  }
}
