import type { Connection, Submittable } from 'pg';

/** SQL that each connection parses once, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Text as the server reads it, or bytes in its binary format. */
export type Parameter = string | Buffer | null;

/** Columns in PostgreSQL's text format, in the order of the statement. */
export type TextRow = readonly (string | null)[];

interface DataRow {
  readonly fields: TextRow;
}

/**
 * One execution of a prepared statement, as pg's own Query but for what a statement that is known
 * does not need: its columns described by the server each time, and parsers looked up for them.
 * That is half of what a query costs. pg hands its events to whatever is Submittable.
 */
export class Execution implements Submittable {
  readonly name: string;
  readonly text: string;
  readonly #values: readonly Parameter[];
  readonly #rows: TextRow[] = [];
  readonly #done: (rows: readonly TextRow[]) => void;
  readonly #failed: (error: Error) => void;

  /** Calls one of `done` and `failed`, once. */
  constructor(
    { name, text }: Statement,
    values: readonly Parameter[],
    done: (rows: readonly TextRow[]) => void,
    failed: (error: Error) => void,
  ) {
    this.name = name;
    this.text = text;
    this.#values = values;
    this.#done = done;
    this.#failed = failed;
  }

  /** All messages in one write, as pg does it. */
  submit(connection: Connection & { readonly parsedStatements?: object }): void {
    const { stream } = connection;
    const isParsed = this.name in (connection.parsedStatements ?? {});
    stream.cork();
    if (!isParsed) connection.parse({ name: this.name, text: this.text, types: [] }, true);
    connection.bind({ statement: this.name, values: [...this.#values] }, true);
    connection.execute(null, true);
    connection.sync();
    stream.uncork();
  }

  handleDataRow({ fields }: DataRow): void {
    this.#rows.push(fields);
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.#failed(error);
  }

  /** Never after handleError. */
  handleReadyForQuery(): void {
    this.#done(this.#rows);
  }
}
