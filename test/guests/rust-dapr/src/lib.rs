//! A store of the dapr dialect with plain-text errors, transactions and a limit on their size.
//! malloc and free are those of wasi-libc, on which Rust's own allocator stands.

mod store;
mod wire;

use std::cell::RefCell;
use store::{Change, Store};
use wire::{fields, put_bytes, put_number, Malformed};

const ERROR: u64 = 1 << 31;
const MOST_OPERATIONS: u64 = 3;

thread_local! {
    static STORE: RefCell<Store> = RefCell::default();
    /// Owned by the guest: it lives until the next call.
    static ANSWER: RefCell<Vec<u8>> = RefCell::default();
}

fn answer(result: Result<Vec<u8>, String>) -> u64 {
    let (bytes, flag) = match result {
        Ok(message) => (message, 0),
        Err(text) => (text.into_bytes(), ERROR),
    };
    ANSWER.with(|kept| {
        let mut kept = kept.borrow_mut();
        *kept = bytes;
        (kept.as_ptr() as u64) << 32 | kept.len() as u64 | flag
    })
}

unsafe fn request<'a>(pointer: *const u8, size: usize) -> &'a [u8] {
    if size == 0 { &[] } else { std::slice::from_raw_parts(pointer, size) }
}

fn malformed(_: Malformed) -> String {
    "the request is not the message that it should be".to_string()
}

fn apply(changes: Vec<Change>) -> Result<Vec<u8>, String> {
    STORE.with(|store| store.borrow_mut().apply(changes)).map(|()| Vec::new())
}

#[no_mangle]
pub extern "C" fn state_store_api_version() -> u64 {
    1
}

/// # Safety
/// Of this and every function below: `pointer` and `size` are a request in linear memory.
#[no_mangle]
pub unsafe extern "C" fn state_store_init(_pointer: *const u8, size: usize) -> u64 {
    eprintln!("initialised by {} bytes", size);
    answer(Ok(Vec::new()))
}

#[no_mangle]
pub unsafe extern "C" fn state_store_features(_pointer: *const u8, _size: usize) -> u64 {
    let mut response = Vec::new();
    put_bytes(&mut response, 1, b"ETAG");
    put_bytes(&mut response, 1, b"TRANSACTIONAL");
    answer(Ok(response))
}

#[no_mangle]
pub unsafe extern "C" fn state_store_get(pointer: *const u8, size: usize) -> u64 {
    let key = fields(request(pointer, size))
        .map(|all| all.into_iter().filter(|field| field.number == 1).last().map_or(&[][..], |f| f.bytes))
        .map_err(malformed);
    answer(key.map(|key| STORE.with(|store| store.borrow().get(key))))
}

#[no_mangle]
pub unsafe extern "C" fn state_store_set(pointer: *const u8, size: usize) -> u64 {
    let change = Change::from_set(request(pointer, size)).map_err(malformed);
    answer(change.and_then(|change| apply(vec![change])))
}

#[no_mangle]
pub unsafe extern "C" fn state_store_delete(pointer: *const u8, size: usize) -> u64 {
    let change = Change::from_delete(request(pointer, size)).map_err(malformed);
    answer(change.and_then(|change| apply(vec![change])))
}

#[no_mangle]
pub extern "C" fn transactional_state_store_api_version() -> u64 {
    1
}

fn operations(message: &[u8]) -> Result<Vec<Change>, Malformed> {
    let mut changes = Vec::new();
    for operation in fields(message)?.into_iter().filter(|field| field.number == 1) {
        for one in fields(operation.bytes)? {
            match one.number {
                1 => changes.push(Change::from_delete(one.bytes)?),
                2 => changes.push(Change::from_set(one.bytes)?),
                _ => {}
            }
        }
    }
    Ok(changes)
}

#[no_mangle]
pub unsafe extern "C" fn transactional_state_store_transact(pointer: *const u8, size: usize) -> u64 {
    let changes = operations(request(pointer, size)).map_err(malformed);
    answer(changes.and_then(|changes| {
        if changes.len() as u64 > MOST_OPERATIONS {
            return Err(format!("{} operations, {} at most", changes.len(), MOST_OPERATIONS));
        }
        apply(changes)
    }))
}

#[no_mangle]
pub extern "C" fn transactional_store_multi_max_size_api_version() -> u64 {
    1
}

#[no_mangle]
pub unsafe extern "C" fn transactional_store_multi_max_size_multi_max_size(
    _pointer: *const u8,
    _size: usize,
) -> u64 {
    let mut response = Vec::new();
    put_number(&mut response, 1, MOST_OPERATIONS);
    answer(Ok(response))
}
