import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import wabt from 'wabt';

const FOLDER = join(import.meta.dirname, 'gallery');
const assembler = await wabt();
const everything = { exceptions: true, threads: true, tail_call: true, multi_memory: true };

/** What somebody sees of a guest's harm: a gRPC status by name, and a pattern of its message. */
export interface Outcome {
  readonly code: string;
  readonly message: RegExp;
}

/** One hostile guest: the comments at the head of its file say what it does and what comes of it. */
export interface HostileGuest {
  readonly name: string;
  readonly harm: string;
  readonly module: Uint8Array;
  /** Lines of plugin.yaml beyond the limits. */
  readonly manifest: string;
  /** Where it is not even served: what the log says. */
  readonly load: RegExp | undefined;
  /** Where Init fails. */
  readonly init: Outcome | undefined;
  /** What comes of a Get of the key `harm`. */
  readonly caller: Outcome | undefined;
  /** Which of such calls sees it: the first, the one after, or a later one. */
  readonly trigger: 'first' | 'second' | 'repeated';
}

/**
 * What a guest of the `dapr` dialect has. A gallery's file leaves out what is not its point: a
 * part is added where the file does not export that name itself.
 */
const PARTS: Readonly<Record<string, string>> = {
  memory: '(memory (export "memory") 2)',
  malloc: '(func (export "malloc") (param i32) (result i32) (i32.const 65536))',
  free: '(func (export "free") (param i32))',
  state_store_api_version: '(func (export "state_store_api_version") (result i64) (i64.const 1))',
  state_store_init: '(func (export "state_store_init") (param i32 i32) (result i64) (i64.const 0))',
  state_store_set: '(func (export "state_store_set") (param i32 i32) (result i64) (i64.const 0))',
  state_store_delete:
    '(func (export "state_store_delete") (param i32 i32) (result i64) (i64.const 0))',
  // Field 1 of the request is the key: `harm`, or any other for an answer with the data `fine`.
  state_store_get: `(data (i32.const 16) "\\0a\\04fine")
    (func (export "state_store_get") (param $at i32) (param i32) (result i64)
      (if (i32.eq (i32.load offset=2 (local.get $at)) (i32.const 0x6d726168))
        (then (return (call $harm (local.get $at) (local.get 1)))))
      (i64.const 0x00000010_00000006))`,
};

const HARMLESS = '(func $harm (param i32 i32) (result i64) (i64.const 0))';

function completed(text: string): string {
  const parts = Object.entries(PARTS)
    .filter(([name]) => !new RegExp(`\\(export "${name}"[ )]`, 'u').test(text))
    .map(([, part]) => part);
  const harm = text.includes('(func $harm ') ? '' : HARMLESS;
  return `(module\n${text}\n${parts.join('\n')}\n${harm})`;
}

/** A guest of these fields of a module, completed with what they leave out. */
export function assembleGuest(name: string, text: string): Uint8Array {
  const module = assembler.parseWat(name, completed(text), everything);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

function outcome(line: string | undefined): Outcome | undefined {
  if (line === undefined) return undefined;
  const [code = '', ...rest] = line.split(' ');
  return { code, message: new RegExp(rest.join(' '), 'u') };
}

function readGuest(file: string): HostileGuest {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const fields = new Map<string, string>();
  const prose: string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith(';; ')) break;
    const [, name, value] = /^;; (caller|init|load|manifest|trigger): (.*)$/u.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, value);
    else prose.push(line.slice(3));
  }
  const load = fields.get('load');
  const guest = {
    name: basename(file, '.wat'),
    harm: prose.join(' '),
    module: assembleGuest(file, text),
    manifest: `${fields.get('manifest') ?? ''}\n`,
    load: load === undefined ? undefined : new RegExp(load, 'u'),
    init: outcome(fields.get('init')),
    caller: outcome(fields.get('caller')),
    trigger: (fields.get('trigger') ?? 'first') as HostileGuest['trigger'],
  };
  if ([guest.load, guest.init, guest.caller].filter((each) => each !== undefined).length !== 1) {
    throw new Error(`${file}: one of caller, init and load must say what comes of it`);
  }
  return guest;
}

export function readGallery(): HostileGuest[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.wat'))
    .toSorted()
    .map(readGuest);
}
