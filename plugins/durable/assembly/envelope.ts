// What this store keeps as a key's value: one byte for the form, the content type's size as a
// varint, the content type, the data.
import { failure } from '../../lib/assembly/failure';
import { Slice } from '../../lib/assembly/slice';
import { Entry } from '../../lib/assembly/store/entry';
import { Operation } from '../../lib/assembly/store/operation';
import { Reader } from '../../lib/assembly/wire/reader';
import { Writer, varintSize } from '../../lib/assembly/wire/writer';

const FORM = 1;

const reader = new Reader();

export function envelopeSize(operation: Operation): u32 {
  const contentType = operation.contentType.size;
  return 1 + varintSize(contentType) + contentType + operation.value.size;
}

export function writeEnvelope(operation: Operation, to: Writer): void {
  const contentType = operation.contentType;
  to.byte(FORM);
  to.varint(contentType.size);
  to.bytes(contentType.at, contentType.size);
  to.bytes(operation.value.at, operation.value.size);
}

/** Takes a value apart without copying it. @returns false, with `failure` raised, where it is not one. */
export function readEnvelope(value: Slice, into: Entry): bool {
  reader.open(value.at, value.size);
  const form = reader.varint();
  reader.bytes(into.contentType);
  if (reader.failed || form !== FORM) {
    failure
      .raise('DATA_LOSS', '', 'what is stored for key')
      .key(into.key)
      .text(' was not written by this store');
    return false;
  }
  const data = into.contentType.at + into.contentType.size;
  into.data.set(data, <u32>(value.at + value.size - data));
  return true;
}
