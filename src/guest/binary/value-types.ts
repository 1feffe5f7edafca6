import type { Feature } from './features.ts';
import type { FeatureUse, ValueType } from './module-info.ts';
import type { ByteReader } from './reader.ts';

const VALUE_TYPES: ReadonlyMap<number, ValueType> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
]);

/** Types of refused features; the rest of a module that has one cannot be read reliably. */
const REFUSED_TYPES: ReadonlyMap<number, Feature> = new Map([
  [0x74, 'exceptions'], // noexn
  [0x69, 'exceptions'], // exn
  [0x64, 'function-references'], // (ref ...)
  [0x63, 'function-references'], // (ref null ...)
  [0x68, 'stack-switching'], // cont
  [0x75, 'stack-switching'], // nocont
  [0x73, 'gc'], // nofunc
  [0x72, 'gc'], // noextern
  [0x71, 'gc'], // none
  [0x6e, 'gc'], // any
  [0x6d, 'gc'], // eq
  [0x6c, 'gc'], // i31
  [0x6b, 'gc'], // struct
  [0x6a, 'gc'], // array
  [0x65, 'gc'], // shared
]);

/** Takes note of features that are met. */
export interface FeatureLog {
  use(feature: Feature, offset: number, detail?: string): void;
}

/** One value type; undefined, and noted as a feature, where it is one that the host does not run. */
export function readValueType(reader: ByteReader, log: FeatureLog): ValueType | undefined {
  const offset = reader.at;
  const byte = reader.u8();
  const type = VALUE_TYPES.get(byte);
  if (type !== undefined) {
    if (type === 'v128') log.use('simd', offset);
    if (type === 'funcref' || type === 'externref') log.use('reference-types', offset);
    return type;
  }
  const feature = REFUSED_TYPES.get(byte);
  if (feature === undefined) {
    // A type by its index: what follows needs the types of another feature.
    if (byte < 0x40 || byte >= 0x80) log.use('function-references', offset);
    else reader.fail(`0x${byte.toString(16)} is no value type`, offset);
  } else {
    log.use(feature, offset);
  }
  return undefined;
}

/** The first use of each feature, in the order of the module. */
export class FirstUses implements FeatureLog {
  readonly features = new Map<Feature, FeatureUse>();

  use(feature: Feature, offset: number, detail?: string): void {
    if (this.features.has(feature)) return;
    this.features.set(feature, { offset, ...(detail === undefined ? {} : { detail }) });
  }
}
