import {
  Metadata,
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { Duplex } from 'node:stream';
import { Cancellation, type CancelSignal } from '../cancel-signal.ts';
import type { CallContext } from '../component/call-context.ts';
import type { UnaryHandler, UnaryService } from '../service/state-store.ts';
import { toGrpcStatus } from '../service/status.ts';
import { bytesService, loadContract } from './definitions.ts';
import { COMPONENT_HEADER, DETAILS_TRAILER } from './header-names.ts';

const HEALTH = 'grpc.health.v1.Health';

type BytesCall = ServerUnaryCall<Buffer, Buffer>;

export interface ServedServices {
  readonly services: readonly UnaryService[];
  /** Bytes; a longer request is refused with RESOURCE_EXHAUSTED before anybody sees it. */
  readonly maxRequest: number;
}

/**
 * grpc-js with all that a socket serves: the services that it is given, reflection (v1 and
 * v1alpha) and grpc.health.v1.
 */
export class GrpcJsServer {
  readonly #server: Server;
  readonly #injector: ConnectionInjector;
  readonly #health = new HealthImplementation();
  /** That health knows: the services, and the empty one for all of them. */
  readonly #names: readonly string[];

  constructor({ services, maxRequest }: ServedServices) {
    const contract = loadContract();
    this.#server = new Server({
      'grpc.max_receive_message_length': maxRequest,
      'grpc.max_send_message_length': -1,
      'grpc.enable_channelz': 0,
    });
    for (const { name, handlers } of services) {
      this.#server.addService(
        bytesService(contract, name),
        Object.fromEntries(
          Object.entries(handlers).map(([method, handler]) => [method, serve(handler)]),
        ),
      );
    }
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    const names = services.map((service) => service.name);
    this.#names = ['', ...names];
    this.#health.addToServer(this.#server);
    // Reflection finds services by their files, so those that are served are named.
    new ReflectionService(contract, { services: [...names, HEALTH] }).addToServer(this.#server);
  }

  /** Serves whoever is at the other end. */
  accept(connection: Duplex): void {
    this.#injector.injectConnection(connection);
  }

  /** What health says of the services from now on. */
  setHealthy(healthy: boolean): void {
    for (const name of this.#names) {
      this.#health.setStatus(name, healthy ? 'SERVING' : 'NOT_SERVING');
    }
  }

  close(): void {
    this.#server.forceShutdown();
  }
}

function serve(handler: UnaryHandler) {
  return (call: BytesCall, done: sendUnaryData<Buffer>): void => {
    const failed = (error: unknown): void => {
      const { code, message, details } = toGrpcStatus(error);
      const metadata = new Metadata();
      if (details !== undefined) metadata.set(DETAILS_TRAILER, details);
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the same numbers; service/ knows no grpc-js
      done({ code, details: message, metadata });
    };
    const answered = (response: Uint8Array): void => done(null, asBuffer(response));
    const context = new GrpcCallContext(call);
    // Not below Node's HTTP/2 on the stack: should the thread end with the guest, that would go on
    // without JavaScript and abort the process (StreamBase::CallJSOnreadMethod, Node 26).
    setImmediate(() => {
      try {
        const response = handler(call.request, context);
        if (response instanceof Promise) response.then(answered, failed);
        else answered(response);
      } catch (error) {
        failed(error);
      }
    });
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

class GrpcCallContext implements CallContext {
  readonly #call: BytesCall;
  #signal: Cancellation | undefined;

  constructor(call: BytesCall) {
    this.#call = call;
  }

  get component(): string {
    return String(this.#call.metadata.get(COMPONENT_HEADER)[0] ?? '');
  }

  get deadline(): number {
    const deadline = this.#call.getDeadline();
    if (deadline === Infinity) return Infinity;
    return Number(deadline) - performance.timeOrigin;
  }

  get signal(): CancelSignal {
    if (this.#signal === undefined) {
      const signal = new Cancellation();
      if (this.#call.cancelled) signal.abort();
      else this.#call.once('cancelled', () => signal.abort());
      this.#signal = signal;
    }
    return this.#signal;
  }
}
