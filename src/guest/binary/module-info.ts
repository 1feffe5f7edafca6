import type { Feature } from './features.ts';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref';

export interface FunctionSignature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** `(i32, i32) -> i64`, for messages. */
export function signatureText({ parameters, results }: FunctionSignature): string {
  const right = results.length === 1 ? results.join('') : `(${results.join(', ')})`;
  return `(${parameters.join(', ')}) -> ${right}`;
}

export type ExternalKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

export interface ImportInfo {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Of functions only. */
  readonly signature?: FunctionSignature;
  /** Where the import stands in the module, in bytes. */
  readonly offset: number;
}

export interface ExportInfo {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
  /** Of functions only. */
  readonly signature?: FunctionSignature;
}

export interface MemoryInfo {
  /** In pages of 64 KiB. */
  readonly minimum: number;
  /** In pages of 64 KiB; absent where the module states none. */
  readonly maximum: number | undefined;
  readonly shared: boolean;
  readonly is64: boolean;
  readonly imported: boolean;
  readonly offset: number;
}

export interface TableInfo {
  readonly elementType: 'funcref' | 'externref';
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly imported: boolean;
  readonly offset: number;
}

/** Where a section's content lies in the module, its id and size left out. */
export interface SectionInfo {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

export interface CustomSectionInfo extends SectionInfo {
  readonly name: string;
}

/** Where a feature is first used: an offset in the module and, inside code, the function's index. */
export interface FeatureUse {
  readonly offset: number;
  readonly functionIndex?: number;
  /** What was found there, where the feature's name does not say it. */
  readonly detail?: string;
}

/** One function's code. Offsets are in the whole module. */
export interface FunctionBody {
  /** The first byte behind the body's size. */
  readonly start: number;
  readonly end: number;
  readonly locals: number;
  /** Blocks, branches (each target of a table is one), calls, and other places with such costs. */
  readonly control: number;
  /** How many values all of these carry: parameters, results, values of branches. */
  readonly values: number;
  readonly loops: number;
  /** How many loops stand inside each other at the most. */
  readonly loopNesting: number;
  /** Where a check for interruption belongs, ascending: each is the offset of an instruction. */
  readonly checkpoints: readonly number[];
}

export interface ModuleInfo {
  /** False where reading stopped early, at a refused feature: the lists hold what came before. */
  readonly complete: boolean;
  readonly imports: readonly ImportInfo[];
  readonly exports: readonly ExportInfo[];
  readonly types: number;
  readonly elementSegments: number;
  /** Of every function, the imported ones first. */
  readonly functions: readonly FunctionSignature[];
  readonly importedFunctions: number;
  /** How many globals there are, the imported ones included. */
  readonly globals: number;
  readonly memories: readonly MemoryInfo[];
  readonly tables: readonly TableInfo[];
  /** The start function's index, which runs at instantiation. */
  readonly start: number | undefined;
  readonly sections: readonly SectionInfo[];
  readonly customSections: readonly CustomSectionInfo[];
  readonly features: ReadonlyMap<Feature, FeatureUse>;
  readonly bodies: readonly FunctionBody[];
}
