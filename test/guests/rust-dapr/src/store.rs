//! The store itself: a map whose etags are the number of the write that made them.

use crate::wire::{fields, put_bytes, Malformed};
use std::collections::HashMap;

pub struct Item {
    pub data: Vec<u8>,
    pub content_type: Vec<u8>,
    pub version: u64,
}

#[derive(Default)]
pub struct Store {
    items: HashMap<Vec<u8>, Item>,
    newest: u64,
}

/// One set or delete.
#[derive(Default)]
pub struct Change {
    key: Vec<u8>,
    /// None: delete.
    value: Option<Vec<u8>>,
    content_type: Vec<u8>,
    etag: Vec<u8>,
    first_write: bool,
}

impl Change {
    pub fn from_set(message: &[u8]) -> Result<Change, Malformed> {
        let mut change = Change { value: Some(Vec::new()), ..Change::default() };
        for field in fields(message)? {
            match field.number {
                1 => change.key = field.bytes.to_vec(),
                2 => change.value = Some(field.bytes.to_vec()),
                3 => change.etag = first_field(field.bytes)?.0,
                5 => change.first_write = first_field(field.bytes)?.1 == 1,
                6 => change.content_type = field.bytes.to_vec(),
                _ => {}
            }
        }
        Ok(change)
    }

    pub fn from_delete(message: &[u8]) -> Result<Change, Malformed> {
        let mut change = Change::default();
        for field in fields(message)? {
            match field.number {
                1 => change.key = field.bytes.to_vec(),
                2 => change.etag = first_field(field.bytes)?.0,
                4 => change.first_write = first_field(field.bytes)?.1 == 1,
                _ => {}
            }
        }
        Ok(change)
    }
}

/// Field 1 of a nested message, as bytes and as a number.
fn first_field(message: &[u8]) -> Result<(Vec<u8>, u64), Malformed> {
    let found = fields(message)?.into_iter().filter(|field| field.number == 1).last();
    Ok(found.map_or((Vec::new(), 0), |field| (field.bytes.to_vec(), field.value)))
}

impl Store {
    /// A GetResponse; empty where there is no such key.
    pub fn get(&self, key: &[u8]) -> Vec<u8> {
        let mut response = Vec::new();
        if let Some(item) = self.items.get(key) {
            let mut etag = Vec::new();
            put_bytes(&mut etag, 1, item.version.to_string().as_bytes());
            put_bytes(&mut response, 1, &item.data);
            put_bytes(&mut response, 2, &etag);
            put_bytes(&mut response, 4, &item.content_type);
        }
        response
    }

    /// All changes, or none and the reason.
    pub fn apply(&mut self, changes: Vec<Change>) -> Result<(), String> {
        for change in &changes {
            let held = self.items.get(&change.key).map(|item| item.version.to_string());
            let refused = if change.etag.is_empty() {
                change.first_write && held.is_some()
            } else {
                held.map_or(true, |etag| etag.as_bytes() != change.etag)
            };
            if refused {
                return Err(format!("etag of {} differs", String::from_utf8_lossy(&change.key)));
            }
        }
        for change in changes {
            match change.value {
                Some(data) => {
                    self.newest += 1;
                    let item = Item { data, content_type: change.content_type, version: self.newest };
                    self.items.insert(change.key, item);
                }
                None => {
                    self.items.remove(&change.key);
                }
            }
        }
        Ok(())
    }
}
