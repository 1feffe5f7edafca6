import {
  signatureText,
  type FunctionSignature,
  type ModuleInfo,
  type ValueType,
} from './binary/module-info.ts';
import type { Dialect } from './dialect.ts';
import { DIALECTS } from './guest-module.ts';
import { KV_METHODS } from './kv-imports.ts';
import { METHODS, type Method } from './methods.ts';
import { WASI_SIGNATURES } from './wasi.ts';

const WASI_MODULE = 'wasi_snapshot_preview1';
const KV_MODULE = 'kv';

const CALL: FunctionSignature = { parameters: ['i32', 'i32'], results: ['i64'] };
const VERSION: FunctionSignature = { parameters: [], results: ['i64'] };
const MALLOC: FunctionSignature = { parameters: ['i32'], results: ['i32'] };
const FREE: FunctionSignature = { parameters: ['i32'], results: [] };
const ENTRY: FunctionSignature = { parameters: [], results: [] };

/** Why a function may not be imported; undefined where the host has it. */
export function importRefusal(
  kvGranted: boolean,
): (module: string, name: string, signature: FunctionSignature) => string | undefined {
  return (module, name, signature) => {
    const expected = hostFunction(module, name);
    if (expected === undefined) return 'the host has no such function';
    if (module === KV_MODULE && !kvGranted) {
      return 'the key-value capability is not granted: add the line `kv: {}` to plugin.yaml';
    }
    return same(signature, expected) ? undefined : `the host has ${signatureText(expected)}`;
  };
}

/** The dialect that a module speaks, recognised by the export that tells its version. */
export function recogniseDialect(info: ModuleInfo): Dialect | undefined {
  const names = new Set(info.exports.map((exported) => exported.name));
  return DIALECTS.find(({ versionExports }) => versionExports.some((name) => names.has(name)));
}

/** What a module lacks or has wrong of a dialect's exports. */
export function exportProblems(info: ModuleInfo, dialect: Dialect | undefined): readonly string[] {
  if (dialect === undefined) {
    const known = DIALECTS.map(
      ({ name, versionExports }) => `${versionExports.join(' or ')} (dialect ${name})`,
    );
    return [`no known dialect: it exports neither ${known.join(' nor ')}`];
  }
  const problems: string[] = [];
  const check = (name: string, expected: FunctionSignature, required: boolean): void => {
    const found = info.exports.find((exported) => exported.name === name);
    if (found === undefined) {
      if (required) problems.push(`missing export ${name} ${signatureText(expected)}`);
    } else if (found.signature === undefined || !same(found.signature, expected)) {
      problems.push(
        `export ${name} is ${found.signature === undefined ? `a ${found.kind}` : signatureText(found.signature)}, must be ${signatureText(expected)}`,
      );
    }
  };
  if (!info.exports.some(({ name, kind }) => name === 'memory' && kind === 'memory')) {
    problems.push('missing export memory (memory)');
  }
  check('malloc', MALLOC, true);
  check('free', FREE, true);
  check('_initialize', ENTRY, false);
  check('_start', ENTRY, false);
  for (const name of dialect.versionExports) check(name, VERSION, true);
  for (const method of METHODS) {
    const name = dialect.exportNames[method];
    if (name !== undefined) check(name, CALL, dialect.required.includes(method));
  }
  return problems;
}

/** The methods that a module exports in a dialect. */
export function exportedMethods(info: ModuleInfo, dialect: Dialect): readonly Method[] {
  const names = new Set(info.exports.map((exported) => exported.name));
  return METHODS.filter((method) => names.has(dialect.exportNames[method] ?? ''));
}

/** Whether a module imports something that may answer later. */
export function mayBeSuspended(info: ModuleInfo): boolean {
  return info.imports.some(
    ({ module, name }) =>
      module === KV_MODULE || (module === WASI_MODULE && name === 'poll_oneoff'),
  );
}

export function importsKv(info: ModuleInfo): boolean {
  return info.imports.some(({ module }) => module === KV_MODULE);
}

function hostFunction(module: string, name: string): FunctionSignature | undefined {
  if (module === KV_MODULE) return KV_METHODS.some((method) => method === name) ? CALL : undefined;
  const text = module === WASI_MODULE ? WASI_SIGNATURES[name] : undefined;
  if (text === undefined) return undefined;
  const [parameters = '', results = ''] = text.split(':');
  return { parameters: valueTypes(parameters), results: valueTypes(results) };
}

function valueTypes(letters: string): readonly ValueType[] {
  return Array.from(letters, (letter) => (letter === 'I' ? 'i64' : 'i32'));
}

function same(a: FunctionSignature, b: FunctionSignature): boolean {
  return signatureText(a) === signatureText(b);
}
