// Imports take the name of their file as their module's name. Each takes a request message of
// wasmstate/kv/v1/kv.proto and returns its reply as address << 32 | size, to be freed here.

export declare function get(request: usize, size: u32): u64;
export declare function commit(request: usize, size: u32): u64;
export declare function scan(request: usize, size: u32): u64;
export declare function limits(request: usize, size: u32): u64;
