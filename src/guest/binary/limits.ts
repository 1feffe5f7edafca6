/** Bytes of a page of linear memory. */
export const PAGE_BYTES = 65_536;

/** Pages that a 32-bit memory can have: 4 GiB. */
export const MAX_PAGES = 65_536;

/** A module's size, debugging information included. */
export const MAX_MODULE_BYTES = 64 * 1024 * 1024;

/** Imported ones included. V8 keeps some hundred bytes for each, whether it is called or not. */
export const MAX_FUNCTIONS = 250_000;

/**
 * V8 keeps every signature that it ever saw, for the whole process, and some versions end the
 * process at a million of them.
 */
export const MAX_TYPES = 5000;

export const MAX_IMPORTS = 1000;
export const MAX_EXPORTS = 20_000;
export const MAX_GLOBALS = 100_000;
export const MAX_ELEMENT_SEGMENTS = 10_000;

/**
 * Of each table; its maximum is rewritten to this. V8 ends the whole process where a table grows
 * until memory is short, so the cap must be far below that.
 */
export const MAX_TABLE_ELEMENTS = 262_144;

export const MAX_TABLES = 8;

/**
 * Limits of one function. V8's optimising compiler needs memory and time in proportion to what
 * they count, some of it squared, and nothing stops it: 100 KB of code with 10,000 locals across
 * 10,000 branches took 2.5 GB, 33,000 loops inside each other took a minute, and 220 KB of calls
 * with 1000 results each ended the process. The largest functions of Go's compiler and of
 * Binaryen reach half of these at the most.
 */
export const MAX_FUNCTION_BYTES = 768 * 1024;
export const MAX_FUNCTION_LOCALS = 50_000;
export const MAX_FUNCTION_CONTROL = 60_000;
export const MAX_FUNCTION_VALUES = 500_000;
export const MAX_FUNCTION_LOOPS = 10_000;
export const MAX_LOOP_NESTING = 100;
export const MAX_LOCALS_TIMES_CONTROL = 10_000_000;
