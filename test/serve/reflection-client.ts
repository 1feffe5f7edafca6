import { createRequire } from 'node:module';
import {
  credentials,
  loadPackageDefinition,
  type ClientDuplexStream,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

interface Answer {
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
  readonly error_response?: { readonly error_message: string };
}

type Info = () => ClientDuplexStream<Readonly<Record<string, string>>, Answer>;

const resolve = createRequire(import.meta.url).resolve;

/** A client of gRPC's server reflection, which is how daprd learns what a socket serves. */
export class ReflectionClient implements Disposable {
  readonly #client: InstanceType<ServiceClientConstructor>;

  constructor(socket: string, version: 'v1' | 'v1alpha') {
    const file = resolve(
      `@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`,
    );
    const loaded = loadPackageDefinition(loadSync(file, { keepCase: true })) as unknown as {
      grpc: { reflection: Record<string, { ServerReflection: ServiceClientConstructor }> };
    };
    const service = loaded.grpc.reflection[version];
    if (service === undefined) throw new Error(`${file} has no service`);
    this.#client = new service.ServerReflection(`unix:${socket}`, credentials.createInsecure());
  }

  /** Names in full, sorted. */
  async services(): Promise<readonly string[]> {
    const { list_services_response: list } = await this.#ask({ list_services: '' });
    return (list?.service ?? []).map(({ name }) => name).toSorted();
  }

  /** Serialised FileDescriptorProtos: the file that declares a symbol, and what it imports. */
  async filesOf(symbol: string): Promise<readonly Buffer[]> {
    const answer = await this.#ask({ file_containing_symbol: symbol });
    return answer.file_descriptor_response?.file_descriptor_proto ?? [];
  }

  #ask(request: Readonly<Record<string, string>>): Promise<Answer> {
    const info = this.#client['ServerReflectionInfo'] as unknown as Info;
    const stream = info.call(this.#client);
    return new Promise((found, failed) => {
      stream.once('error', failed);
      stream.once('data', (answer: Answer) => {
        if (answer.error_response === undefined) found(answer);
        else failed(new Error(answer.error_response.error_message));
      });
      stream.end(request);
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
