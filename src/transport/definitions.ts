import { readFileSync } from 'node:fs';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, type PackageDefinition } from '@grpc/proto-loader';
import { BinaryReader } from '@bufbuild/protobuf/wire';

/** What is served, as compiled from proto/: a serialised FileDescriptorSet with its imports. */
const CONTRACT = new URL('../../proto/contract.binpb', import.meta.url);

/**
 * Dapr's services and gRPC's health, for serving and for reflection. proto-loader joins the files of
 * a package into one without imports, which clients of reflection cannot resolve, so the files
 * as they were compiled take the place of those.
 */
export function loadContract(): PackageDefinition {
  const image = readFileSync(CONTRACT);
  const fileDescriptorProtos = filesOf(image);
  return Object.fromEntries(
    Object.entries(loadFileDescriptorSetFromBuffer(image)).map(([name, definition]) => [
      name,
      'format' in definition ? { ...definition, fileDescriptorProtos } : definition,
    ]),
  ) as PackageDefinition;
}

/** Each serialised FileDescriptorProto of a FileDescriptorSet: its field 1, repeated. */
function filesOf(image: Buffer): Buffer[] {
  const reader = new BinaryReader(image);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) files.push(Buffer.from(reader.bytes()));
    else reader.skip(wireType);
  }
  return files;
}

/** A service whose messages stay bytes: what they mean is read elsewhere, if at all. */
export function bytesService(contract: PackageDefinition, name: string): ServiceDefinition {
  const service = contract[name];
  if (service === undefined || 'format' in service) throw new Error(`no service ${name} in proto/`);
  return Object.fromEntries(
    Object.entries(service).map(([method, definition]) => [
      method,
      {
        ...definition,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    ]),
  );
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
