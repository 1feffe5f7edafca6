import wabt from 'wabt';

const assembler = await wabt();

const everything = {
  exceptions: true,
  threads: true,
  tail_call: true,
  function_references: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
  relaxed_simd: true,
};

/** WebAssembly text to bytes, names included, with every proposal that wabt has. */
export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const module = assembler.parseWat('test.wat', text, everything);
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}

/** A section of bytes written by hand; its size must be under 128. */
export function section(id: number, ...content: number[]): number[] {
  return [id, content.length, ...content];
}

/** A module of sections written by hand. */
export function moduleOf(...sections: number[][]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}
