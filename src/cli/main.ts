#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { WasmstateError } from '../error.ts';
import { errorText } from '../observe/log.ts';
import { serveCommand } from './serve.ts';
import { version } from './version.ts';

// With tiering, loops inside some instructions cannot be ended together with their thread.
// It has to be set before anything compiles (RATIONALE.md, "How is a guest ended?").
setFlagsFromString('--no-wasm-dynamic-tiering');
// In KB: 16 suspended guests' stacks fit into what V8 keeps of them (RATIONALE.md, "How large is
// the stack of a guest that may be suspended?").
setFlagsFromString('--wasm-stack-switching-stack-size=216');

const program = new Command('wasmstate')
  .description('State stores for Dapr as WebAssembly plugins')
  .version(version)
  .addCommand(serveCommand());

try {
  await program.parseAsync();
} catch (error) {
  const text = errorText(error);
  process.stderr.write(
    `${error instanceof WasmstateError ? `wasmstate: ${text}` : String((error as Error).stack)}\n`,
  );
  process.exitCode = 1;
}
