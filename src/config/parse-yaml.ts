import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { WasmstateError } from '../error.ts';

/**
 * Parses YAML text against a schema. Throws CONFIG_INVALID with every problem, each as
 * `file:line: field: what is wrong`. Values are not repeated, as they may be secrets.
 */
export function parseYaml<S extends z.ZodType>(text: string, schema: S, file: string): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw invalid(
      document.errors.map(
        (error) => `${file}:${lines.linePos(error.pos[0]).line}: not valid YAML: ${error.message}`,
      ),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 10 }) ?? {};
  } catch (error) {
    throw new WasmstateError('CONFIG_INVALID', `${file}: ${(error as Error).message}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(
    result.error.issues.flatMap((issue) => {
      const at = (path: readonly PropertyKey[]): string =>
        `${file}:${lineOf(document, lines, path)}: ${path.map(String).join('.') || 'document'}`;
      return issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `${at([...issue.path, key])}: unknown field`)
        : [`${at(issue.path)}: ${issue.message}`];
    }),
  );
}

function invalid(problems: readonly string[]): WasmstateError {
  return new WasmstateError('CONFIG_INVALID', problems.join('\n'));
}

/** The line of the innermost part of `path` that the text has. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
