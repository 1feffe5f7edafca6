import type { Feature } from './features.ts';
import type { FeatureUse, FunctionBody, FunctionSignature } from './module-info.ts';
import { Immediate, MISCELLANEOUS, PLAIN, VECTOR } from './opcodes.ts';
import type { ByteReader } from './reader.ts';
import { readValueType } from './value-types.ts';

/**
 * Functions without calls and loops that are no longer than this need no check: a call of one
 * takes well under a microsecond.
 */
const SHORT_LEAF_BYTES = 256;

const NO_VALUES = { parameters: 0, results: 0 };
const ONE_RESULT = { parameters: 0, results: 1 };

/** Bulk instructions, whose time depends on an operand, start at this number behind 0xfc. */
const FIRST_BULK = 8;

/** What the walker must know of the rest of the module. */
export interface CodeContext {
  readonly types: readonly FunctionSignature[];
  readonly functions: readonly FunctionSignature[];
  readonly globals: number;
  readonly importedFunctions: number;
  readonly features: Map<Feature, FeatureUse>;
}

/** Steps over one function's code. It knows every instruction's length and judges no types. */
class Walker {
  readonly #reader: ByteReader;
  readonly #context: CodeContext;
  readonly #functionIndex: number | undefined;
  readonly checkpoints: number[] = [];
  calls = 0;
  control = 0;
  values = 0;
  loops = 0;
  loopNesting = 0;
  /** Of each open block, how many values a branch to it carries; ~ that for a loop. */
  readonly #labels: number[];
  #openLoops = 0;

  constructor(
    reader: ByteReader,
    context: CodeContext,
    functionIndex: number | undefined,
    results: number,
  ) {
    this.#reader = reader;
    this.#context = context;
    this.#functionIndex = functionIndex;
    this.#labels = [results];
  }

  use(feature: Feature, offset: number, detail?: string): void {
    const { features } = this.#context;
    if (features.has(feature)) return;
    const functionIndex = this.#functionIndex;
    features.set(feature, {
      offset,
      ...(functionIndex === undefined ? {} : { functionIndex }),
      ...(detail === undefined ? {} : { detail }),
    });
  }

  /**
   * To the end of the expression. False where an instruction stands whose length nobody here
   * knows: a feature then says so, and what follows is unread.
   */
  expression(): boolean {
    const reader = this.#reader;
    while (this.#labels.length > 0) {
      const offset = reader.at;
      const opcode = reader.u8();
      const feature = PLAIN.features[opcode];
      if (feature !== undefined) this.use(feature, offset);
      if (!this.#immediates(PLAIN.immediates[opcode] ?? 0, opcode, offset)) return false;
    }
    return true;
  }

  #immediates(immediate: number, opcode: number, offset: number): boolean {
    const reader = this.#reader;
    switch (immediate) {
      case Immediate.none:
        return true;
      case Immediate.index:
        reader.skipLeb(32);
        return true;
      case Immediate.branch:
        this.#branch(offset);
        return true;
      case Immediate.costlyIndex:
        this.control += 1;
        reader.skipLeb(32);
        return true;
      case Immediate.exit:
        this.#spend(this.#labels[0] ?? 0);
        return true;
      case Immediate.i32:
        reader.skipLeb(32);
        return true;
      case Immediate.i64:
        reader.skipLeb(64);
        return true;
      case Immediate.memory:
        return this.#memory(offset);
      case Immediate.end:
        if ((this.#labels.pop() ?? 0) < 0) this.#openLoops -= 1;
        return true;
      case Immediate.loop: {
        const { parameters } = this.#block(offset);
        this.#labels.push(~parameters);
        this.loops += 1;
        this.#openLoops += 1;
        this.loopNesting = Math.max(this.loopNesting, this.#openLoops);
        this.#check(reader.at);
        return true;
      }
      case Immediate.blockType:
        this.#labels.push(this.#block(offset).results);
        return true;
      case Immediate.call: {
        const callee = reader.u32();
        this.#call(this.#context.functions[callee], offset);
        // What the host does takes time of its own.
        if (callee < this.#context.importedFunctions) this.#check(offset);
        return true;
      }
      case Immediate.indirectCall:
        this.#call(this.#context.types[reader.u32()], offset);
        reader.skipLeb(32);
        return true;
      case Immediate.global:
        if (reader.u32() >= this.#context.globals) reader.fail('an unknown global', offset);
        return true;
      case Immediate.branchTable:
        for (let left = reader.u32(); left >= 0; left--) this.#branch(offset);
        return true;
      case Immediate.twoIndexes:
        reader.skipLeb(32);
        reader.skipLeb(32);
        return true;
      case Immediate.bytes4:
        reader.skip(4);
        return true;
      case Immediate.bytes8:
        reader.skip(8);
        return true;
      case Immediate.bytes16:
        reader.skip(16);
        return true;
      case Immediate.lane:
        reader.skip(1);
        return true;
      case Immediate.memoryAndLane:
        if (!this.#memory(offset)) return false;
        reader.skip(1);
        return true;
      case Immediate.memoryIndex:
        // memory.grow
        if (opcode === 0x40) this.#check(offset);
        return this.#memoryIndex(offset);
      case Immediate.indexAndMemory:
        reader.skipLeb(32);
        return this.#memoryIndex(offset);
      case Immediate.twoMemories:
        return this.#memoryIndex(offset) && this.#memoryIndex(offset);
      case Immediate.valueTypes:
        return this.#valueTypes();
      case Immediate.heapType:
        return readValueType(reader, this) !== undefined;
      case Immediate.prefix:
        return this.#prefixed(opcode, offset);
      default:
        if (PLAIN.features[opcode] === undefined) {
          this.use('unknown', offset, `opcode 0x${opcode.toString(16)}`);
        }
        return false;
    }
  }

  #prefixed(prefix: number, offset: number): boolean {
    const opcodes = prefix === 0xfc ? MISCELLANEOUS : VECTOR;
    const opcode = this.#reader.u32();
    const feature = opcodes.features[opcode];
    if (feature === undefined) {
      const text = `opcode 0x${prefix.toString(16)} 0x${opcode.toString(16)}`;
      this.use('unknown', offset, text);
      return false;
    }
    this.use(feature, offset);
    if (prefix === 0xfc && opcode >= FIRST_BULK) this.#check(offset);
    // An opcode behind a prefix must not be taken for a plain one of the same number.
    return this.#immediates(opcodes.immediates[opcode] ?? 0, -1, offset);
  }

  #check(offset: number): void {
    this.control += 1;
    this.checkpoints.push(offset);
  }

  #spend(values: number): void {
    this.control += 1;
    this.values += values;
  }

  #branch(offset: number): void {
    const label = this.#labels.at(-1 - this.#reader.u32());
    if (label === undefined) this.#reader.fail('a branch to nowhere', offset);
    this.#spend(label < 0 ? ~label : label);
  }

  #call(signature: FunctionSignature | undefined, offset: number): void {
    if (signature === undefined) this.#reader.fail('a call of nothing', offset);
    this.calls += 1;
    this.#spend(signature.parameters.length + signature.results.length);
  }

  /** How many values go into a block and come out of it. */
  #block(offset: number): { parameters: number; results: number } {
    const reader = this.#reader;
    const byte = reader.u8();
    if (byte === 0x40) {
      this.#spend(0);
      return NO_VALUES;
    }
    reader.at -= 1;
    if (byte > 0x40 && byte < 0x80) {
      readValueType(reader, this);
      this.#spend(1);
      return ONE_RESULT;
    }
    this.use('multi-value', reader.at);
    const type = this.#context.types[reader.u32()] ?? reader.fail('an unknown type', offset);
    const [parameters, results] = [type.parameters.length, type.results.length];
    this.#spend(parameters + results);
    return { parameters, results };
  }

  /** An alignment and an offset; bit 6 of the alignment says that a memory's index follows. */
  #memory(offset: number): boolean {
    const reader = this.#reader;
    if (reader.u32() >= 0x40) {
      this.use('multi-memory', offset);
      return false;
    }
    reader.skipLeb(64);
    return true;
  }

  #memoryIndex(offset: number): boolean {
    if (this.#reader.u32() === 0) return true;
    this.use('multi-memory', offset);
    return false;
  }

  #valueTypes(): boolean {
    for (let left = this.#reader.u32(); left > 0; left--) {
      if (readValueType(this.#reader, this) === undefined) return false;
    }
    return true;
  }
}

/** Steps over a constant expression; false as with code. */
export function skipConstantExpression(reader: ByteReader, context: CodeContext): boolean {
  return new Walker(reader, context, undefined, 1).expression();
}

/** Reads one function's locals and code. `reader` covers exactly the body. */
export function readBody(
  reader: ByteReader,
  context: CodeContext,
  functionIndex: number,
): FunctionBody {
  const start = reader.at;
  const results = context.functions[functionIndex]?.results.length ?? 0;
  const walker = new Walker(reader, context, functionIndex, results);
  let locals = 0;
  let complete = true;
  for (let groups = reader.u32(); groups > 0 && complete; groups--) {
    locals += reader.u32();
    complete = readValueType(reader, walker) !== undefined;
  }
  const code = reader.at;
  if (complete && walker.expression() && !reader.done) {
    reader.fail(`code behind the end of function ${functionIndex}`);
  }
  const { checkpoints, control, values, loops, loopNesting } = walker;
  if (walker.calls > 0 || reader.end - code > SHORT_LEAF_BYTES) checkpoints.unshift(code);
  return { start, end: reader.end, locals, control, values, loops, loopNesting, checkpoints };
}
