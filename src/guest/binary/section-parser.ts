import { readBody, skipConstantExpression, type CodeContext } from './code.ts';
import { MAX_PAGES } from './limits.ts';
import type {
  ExportInfo,
  ExternalKind,
  FunctionBody,
  FunctionSignature,
  ImportInfo,
  MemoryInfo,
  ModuleInfo,
  TableInfo,
  ValueType,
} from './module-info.ts';
import type { ByteReader } from './reader.ts';
import { FirstUses, readValueType } from './value-types.ts';

const KINDS: readonly ExternalKind[] = ['function', 'table', 'memory', 'global', 'tag'];

/** Reads the sections of one module, in order; each method is one section of the specification. */
export class SectionParser {
  readonly #uses = new FirstUses();
  readonly #types: FunctionSignature[] = [];
  readonly #imports: ImportInfo[] = [];
  readonly #exports: ExportInfo[] = [];
  readonly #functions: FunctionSignature[] = [];
  #importedFunctions = 0;
  #globals = 0;
  readonly #memories: MemoryInfo[] = [];
  readonly #tables: TableInfo[] = [];
  #start: number | undefined;
  #elementSegments = 0;
  readonly #exportNames = new Set<string>();
  readonly #bodies: FunctionBody[] = [];

  /** False where what follows cannot be read, and a feature says why. */
  read(id: number, reader: ByteReader): boolean {
    switch (id) {
      case 1:
        return this.#each(reader, () => this.#type(reader));
      case 2:
        return this.#each(reader, () => this.#import(reader));
      case 3:
        return this.#each(reader, () => this.#function(reader));
      case 4:
        return this.#each(reader, () => this.#table(reader, false));
      case 5:
        return this.#each(reader, () => this.#memory(reader, false));
      case 6:
        return this.#each(reader, () => this.#global(reader));
      case 7:
        return this.#each(reader, () => this.#export(reader));
      case 8:
        this.#start = this.#index(reader, 'function', this.#functions.length);
        return true;
      case 9:
        return this.#each(reader, () => this.#elements(reader));
      case 10:
        return this.#code(reader);
      case 11:
        return this.#each(reader, () => this.#data(reader));
      case 12:
        this.#uses.use('bulk-memory', reader.at);
        reader.skipLeb(32);
        return true;
      default:
        // Tags: what exceptions carry.
        this.#uses.use('exceptions', reader.at);
        return false;
    }
  }

  result(): Omit<ModuleInfo, 'complete' | 'sections' | 'customSections'> {
    return {
      imports: this.#imports,
      exports: this.#exports,
      types: this.#types.length,
      elementSegments: this.#elementSegments,
      functions: this.#functions,
      importedFunctions: this.#importedFunctions,
      globals: this.#globals,
      memories: this.#memories,
      tables: this.#tables,
      start: this.#start,
      features: this.#uses.features,
      bodies: this.#bodies,
    };
  }

  #each(reader: ByteReader, item: () => boolean): boolean {
    for (let left = reader.u32(); left > 0; left--) {
      if (!item()) return false;
    }
    return true;
  }

  #index(reader: ByteReader, what: string, count: number): number {
    const offset = reader.at;
    const index = reader.u32();
    if (index >= count) reader.fail(`${what} ${index} does not exist`, offset);
    return index;
  }

  #context(): CodeContext {
    return {
      types: this.#types,
      functions: this.#functions,
      globals: this.#globals,
      importedFunctions: this.#importedFunctions,
      features: this.#uses.features,
    };
  }

  #constant(reader: ByteReader): boolean {
    return skipConstantExpression(reader, this.#context());
  }

  #type(reader: ByteReader): boolean {
    const offset = reader.at;
    const form = reader.u8();
    if (form !== 0x60) {
      if (![0x4e, 0x4f, 0x50, 0x5d, 0x5e, 0x5f].includes(form)) {
        reader.fail(`0x${form.toString(16)} is no form of a type`, offset);
      }
      this.#uses.use(form === 0x5d ? 'stack-switching' : 'gc', offset);
      return false;
    }
    const parameters = this.#valueTypes(reader);
    const results = parameters && this.#valueTypes(reader);
    if (!parameters || !results) return false;
    if (results.length > 1) this.#uses.use('multi-value', offset);
    this.#types.push({ parameters, results });
    return true;
  }

  #valueTypes(reader: ByteReader): ValueType[] | undefined {
    const types: ValueType[] = [];
    for (let left = reader.u32(); left > 0; left--) {
      const type = readValueType(reader, this.#uses);
      if (type === undefined) return undefined;
      types.push(type);
    }
    return types;
  }

  #signature(reader: ByteReader): FunctionSignature {
    const offset = reader.at;
    return this.#types[reader.u32()] ?? reader.fail('a type that does not exist', offset);
  }

  #import(reader: ByteReader): boolean {
    const offset = reader.at;
    const module = reader.name();
    const name = reader.name();
    const kind = KINDS[reader.u8()] ?? reader.fail('an unknown kind of import', reader.at - 1);
    if (kind === 'function') {
      const signature = this.#signature(reader);
      this.#functions.push(signature);
      this.#importedFunctions += 1;
      this.#imports.push({ module, name, kind, signature, offset });
      return true;
    }
    this.#imports.push({ module, name, kind, offset });
    if (kind === 'table') return this.#table(reader, true);
    if (kind === 'memory') return this.#memory(reader, true);
    if (kind === 'global') return this.#globalType(reader);
    this.#uses.use('exceptions', offset);
    return false;
  }

  #function(reader: ByteReader): boolean {
    this.#functions.push(this.#signature(reader));
    return true;
  }

  #table(reader: ByteReader, imported: boolean): boolean {
    const offset = reader.at;
    const type = reader.u8();
    if (type !== 0x70 && type !== 0x6f) {
      reader.at = offset;
      if (type === 0x40) this.#uses.use('function-references', offset);
      else readValueType(reader, this.#uses);
      return false;
    }
    if (type === 0x6f) this.#uses.use('reference-types', offset);
    const { minimum, maximum, flags } = this.#limits(reader);
    if (flags > 1) reader.fail(`0x${flags.toString(16)} are no limits of a table`, offset);
    const elementType = type === 0x70 ? 'funcref' : 'externref';
    this.#tables.push({ elementType, minimum, maximum, imported, offset });
    return true;
  }

  #memory(reader: ByteReader, imported: boolean): boolean {
    const offset = reader.at;
    const { minimum, maximum, flags } = this.#limits(reader);
    if (flags > 7) reader.fail(`0x${flags.toString(16)} are no limits of a memory`, offset);
    const most = (flags & 4) === 0 ? MAX_PAGES : Infinity;
    if (Math.max(minimum, maximum ?? 0) > most) reader.fail('a memory of over 4 GiB', offset);
    const shared = (flags & 2) !== 0;
    const is64 = (flags & 4) !== 0;
    if (shared) this.#uses.use('threads', offset, 'a shared memory');
    if (is64) this.#uses.use('memory64', offset);
    if (this.#memories.length === 1) this.#uses.use('multi-memory', offset);
    this.#memories.push({ minimum, maximum, shared, is64, imported, offset });
    return true;
  }

  #limits(reader: ByteReader): { minimum: number; maximum: number | undefined; flags: number } {
    const flags = reader.u8();
    const wide = (flags & 4) !== 0;
    const minimum = wide ? reader.u64() : reader.u32();
    if ((flags & 1) === 0) return { minimum, maximum: undefined, flags };
    return { minimum, maximum: wide ? reader.u64() : reader.u32(), flags };
  }

  #globalType(reader: ByteReader): boolean {
    if (readValueType(reader, this.#uses) === undefined) return false;
    const offset = reader.at;
    const mutability = reader.u8();
    if (mutability > 1) {
      this.#uses.use('threads', offset, 'a shared global');
      return false;
    }
    this.#globals += 1;
    return true;
  }

  #global(reader: ByteReader): boolean {
    return this.#globalType(reader) && this.#constant(reader);
  }

  #export(reader: ByteReader): boolean {
    const offset = reader.at;
    const name = reader.name();
    const kind = KINDS[reader.u8()] ?? reader.fail('an unknown kind of export', reader.at - 1);
    const counts: Record<ExternalKind, number> = {
      function: this.#functions.length,
      table: this.#tables.length,
      memory: this.#memories.length,
      global: this.#globals,
      tag: 0,
    };
    const index = this.#index(reader, kind, counts[kind]);
    if (this.#exportNames.has(name)) reader.fail(`a second export "${name}"`, offset);
    this.#exportNames.add(name);
    const signature = kind === 'function' ? this.#functions[index] : undefined;
    this.#exports.push({ name, kind, index, ...(signature === undefined ? {} : { signature }) });
    return true;
  }

  #elements(reader: ByteReader): boolean {
    const offset = reader.at;
    const flags = reader.u32();
    if (flags > 7) reader.fail(`${flags} is no kind of element segment`, offset);
    this.#elementSegments += 1;
    const active = (flags & 1) === 0;
    const hasKind = (flags & 3) !== 0;
    const expressions = (flags & 4) !== 0;
    if (flags !== 0) this.#uses.use('bulk-memory', offset);
    if (active) {
      if ((flags & 2) !== 0) this.#index(reader, 'table', this.#tables.length);
      if (!this.#constant(reader)) return false;
    }
    if (hasKind) {
      if (!expressions) reader.u8();
      else if (readValueType(reader, this.#uses) === undefined) return false;
    }
    for (let left = reader.u32(); left > 0; left--) {
      if (!expressions) reader.skipLeb(32);
      else if (!this.#constant(reader)) return false;
    }
    return true;
  }

  #code(reader: ByteReader): boolean {
    const context = this.#context();
    const offset = reader.at;
    const announced = this.#functions.length - this.#importedFunctions;
    const count = reader.u32();
    if (count !== announced) reader.fail(`${count} bodies for ${announced} functions`, offset);
    for (let index = 0; index < count; index++) {
      this.#bodies.push(readBody(reader.part(), context, this.#importedFunctions + index));
    }
    return true;
  }

  #data(reader: ByteReader): boolean {
    const offset = reader.at;
    const flags = reader.u32();
    if (flags > 2) reader.fail(`${flags} is no kind of data segment`, offset);
    if (flags === 1) this.#uses.use('bulk-memory', offset);
    if (flags === 2) this.#index(reader, 'memory', this.#memories.length);
    if (flags !== 1 && !this.#constant(reader)) return false;
    reader.skip(reader.u32());
    return true;
  }
}
