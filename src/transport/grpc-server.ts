import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { Cancellation, type CancelSignal } from '../cancel-signal.ts';
import type { CallContext } from '../component/call-context.ts';
import type { UnaryHandler, UnaryService } from '../service/state-store.ts';
import { toGrpcStatus } from '../service/status.ts';
import { Listener } from './listener.ts';
import { bytesService, loadContract } from './definitions.ts';

/** Which component a call is for (Dapr's pluggable components). */
const COMPONENT_HEADER = 'x-component-instance';
const HEALTH = 'grpc.health.v1.Health';
const DETAILS_TRAILER = 'grpc-status-details-bin';

export interface GrpcServerOptions {
  readonly services: readonly UnaryService[];
  /** Bytes; a longer request is refused with RESOURCE_EXHAUSTED before anybody sees it. */
  readonly maxRequest: number;
  /** What grpc.health.v1 says of the services, until they close; default: true. */
  readonly healthy?: boolean;
}

type BytesCall = ServerUnaryCall<Buffer, Buffer>;

/** gRPC on a Unix socket, with reflection (v1 and v1alpha) and grpc.health.v1. */
export class GrpcServer {
  readonly #server: Server;
  readonly #health: HealthImplementation;
  readonly #listener: Listener;
  /** That health knows: the services, and the empty one for all of them. */
  readonly #names: readonly string[];

  constructor({ services, maxRequest, healthy = true }: GrpcServerOptions) {
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
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener = new Listener((socket) => injector.injectConnection(socket));
    const names = services.map((service) => service.name);
    this.#names = ['', ...names];
    this.#health = new HealthImplementation();
    this.#tellHealth(healthy ? 'SERVING' : 'NOT_SERVING');
    this.#health.addToServer(this.#server);
    // Reflection finds services by their files, so those that are served are named.
    new ReflectionService(contract, { services: [...names, HEALTH] }).addToServer(this.#server);
  }

  /** Listens at a path that does not exist yet. */
  listen(path: string): Promise<void> {
    return this.#listener.listen(path);
  }

  /** Leaves what clients send in their sockets, until reading goes on. */
  pauseReading(): void {
    this.#listener.pauseReading();
  }

  resumeReading(): void {
    this.#listener.resumeReading();
  }

  /**
   * Takes no more connections, tells the open ones to go elsewhere, and waits for the calls
   * that it took, `grace` ms at the longest; then the rest is cut.
   */
  async close(grace: number): Promise<void> {
    const closed = this.#listener.close();
    this.#tellHealth('NOT_SERVING');
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve())),
      new Promise<void>((resolve) => (timer = setTimeout(resolve, grace))),
    ]);
    clearTimeout(timer);
    this.#server.forceShutdown();
    await closed;
  }

  #tellHealth(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const name of this.#names) this.#health.setStatus(name, status);
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
    try {
      const response = handler(call.request, new GrpcCallContext(call));
      if (response instanceof Promise) response.then(answered, failed);
      else answered(response);
    } catch (error) {
      failed(error);
    }
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
