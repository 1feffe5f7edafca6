import type { CallContext } from '../component/call-context.ts';
import type { Components } from '../component/components.ts';
import type { MaybePromise } from '../guest/instance.ts';
import type { Method } from '../guest/methods.ts';

/**
 * One RPC, whatever carries it: request bytes in, which stay the caller's, and response bytes
 * out, which become the caller's. Throws what `toGrpcStatus` maps.
 */
export type UnaryHandler = (request: Uint8Array, context: CallContext) => MaybePromise<Uint8Array>;

/** A service by its full protobuf name, with a handler for each of its methods. */
export interface UnaryService {
  readonly name: string;
  readonly handlers: Readonly<Record<string, UnaryHandler>>;
}

const PACKAGE = 'dapr.proto.components.v1';

const SERVICES: Readonly<Record<string, readonly Method[]>> = {
  StateStore: [
    'Init',
    'Features',
    'Get',
    'Set',
    'Delete',
    'Ping',
    'BulkGet',
    'BulkSet',
    'BulkDelete',
  ],
  TransactionalStateStore: ['Transact'],
  QueriableStateStore: ['Query'],
  TransactionalStoreMultiMaxSize: ['MultiMaxSize'],
};

const EMPTY = new Uint8Array();

/**
 * Dapr's state-store services as far as a plugin supports them: a service of which it has no
 * method is left out.
 */
export function stateStoreServices(
  components: Pick<Components, 'init' | 'call'>,
  supported: ReadonlySet<Method>,
): readonly UnaryService[] {
  const handler = (method: Method): UnaryHandler =>
    method === 'Init'
      ? async (request, { component }) => {
          await components.init(component, request);
          return EMPTY;
        }
      : (request, context) => components.call(method, request, context);
  return Object.entries(SERVICES)
    .filter(([, methods]) => methods.some((method) => supported.has(method)))
    .map(([name, methods]) => ({
      name: `${PACKAGE}.${name}`,
      handlers: Object.fromEntries(methods.map((method) => [method, handler(method)])),
    }));
}
