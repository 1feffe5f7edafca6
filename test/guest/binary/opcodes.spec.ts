import assert from 'node:assert/strict';
import { hardenModule } from '../../../src/guest/binary/harden.ts';

const PREAMBLE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** LEB128 of a number under 2^14, always two bytes. */
function leb2(value: number): number[] {
  return [(value & 0x7f) | 0x80, value >> 7];
}

function section(id: number, content: number[]): number[] {
  return [id, ...leb2(content.length), ...content];
}

/**
 * A module whose function reaches the instruction behind `unreachable`, where any operands are
 * there; `immediates` follow it, and `end` of a block if it opens one.
 */
function moduleWith(instruction: number[]): Uint8Array<ArrayBuffer> {
  const body = [0, 0x00, ...instruction, 0x00, 0x0b];
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(4, [1, 0x70, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(9, [1, 1, 0, 1, 0]),
    ...section(12, [1]),
    ...section(10, [1, ...leb2(body.length), ...body]),
    ...section(11, [1, 1, 0]),
  ]);
}

/** What may follow an opcode: a valid filling for each kind of immediate there is. */
const FILLINGS: number[][] = [
  [],
  [0],
  [0, 0],
  [0x40, 0x0b],
  [0x70],
  [1, 0x7f],
  [0, 0, 0],
  Array.from({ length: 4 }, () => 0),
  Array.from({ length: 8 }, () => 0),
  Array.from({ length: 16 }, () => 0),
];

/** Why the module is refused, or undefined where it is not. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    const { bytes: hardened } = hardenModule(bytes, {
      memoryLimit: 65_536,
      interruptible: true,
      allowedImports: () => undefined,
    });
    assert(WebAssembly.validate(hardened), 'the hardened module is not valid');
    return undefined;
  } catch (error) {
    assert(error instanceof Error);
    return error.message;
  }
}

/** Proposals that are refused, by their first byte. */
const REFUSED = new Set([0x06, 0x08, 0x0a, 0x12, 0x13, 0x14, 0x15, 0x1f, 0xfb, 0xfe]);
const REFUSED_BY_NAME = /tail calls|exception|garbage|typed function|threads|stack switching/u;

describe('the table of instructions', () => {
  const opcodes: number[][] = [];
  for (let opcode = 0; opcode < 256; opcode++) {
    if (opcode !== 0xfc && opcode !== 0xfd) opcodes.push([opcode]);
  }
  for (let opcode = 0; opcode < 0x80; opcode++) opcodes.push([0xfc, opcode]);
  for (let opcode = 0; opcode < 0x180; opcode++) opcodes.push([0xfd, ...leb2(opcode)]);

  it('agrees with V8 on every instruction: known in both, or refused', () => {
    let known = 0;
    for (const opcode of opcodes) {
      const name = opcode.map((byte) => byte.toString(16)).join(' ');
      const candidates = FILLINGS.map((filling) => moduleWith([...opcode, ...filling]));
      const valid = candidates.filter((bytes) => WebAssembly.validate(bytes));
      for (const bytes of valid) {
        const reason = refusal(bytes);
        if (reason === undefined) known += 1;
        else assert.match(reason, REFUSED_BY_NAME, `opcode ${name}`);
        assert.equal(
          reason !== undefined,
          REFUSED.has(opcode[0] ?? -1) || /typed|garbage/u.test(reason ?? ''),
          `opcode ${name}`,
        );
      }
    }
    assert(known > 400, `only ${known} instructions were compared`);
  });
});
