// Imports take the name of their file as their module's name.

/** Writes nanoseconds since 1970-01-01T00:00:00Z to `result`. Returns 0, or an error number. */
export declare function clock_time_get(clock: i32, precision: i64, result: usize): i32;
