//! Protobuf's wire format, as much of it as a state store needs.

/// One field of a message: `bytes` if it is length-delimited, `value` if it is a varint.
pub struct Field<'a> {
    pub number: u32,
    pub bytes: &'a [u8],
    pub value: u64,
}

pub struct Malformed;

fn varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (&byte, tail) = rest.split_first().ok_or(Malformed)?;
        *rest = tail;
        if shift < 64 {
            value |= u64::from(byte & 0x7f) << shift;
        }
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Malformed)
}

fn take<'a>(rest: &mut &'a [u8], size: u64) -> Result<&'a [u8], Malformed> {
    let size = usize::try_from(size).map_err(|_| Malformed)?;
    if size > rest.len() {
        return Err(Malformed);
    }
    let (taken, tail) = rest.split_at(size);
    *rest = tail;
    Ok(taken)
}

/// All fields of a message, in order.
pub fn fields(mut message: &[u8]) -> Result<Vec<Field<'_>>, Malformed> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message)?;
        let mut field = Field { number: (tag >> 3) as u32, bytes: &[], value: 0 };
        match tag & 7 {
            0 => field.value = varint(&mut message)?,
            1 => field.bytes = take(&mut message, 8)?,
            2 => {
                let size = varint(&mut message)?;
                field.bytes = take(&mut message, size)?;
            }
            5 => field.bytes = take(&mut message, 4)?,
            _ => return Err(Malformed),
        }
        found.push(field);
    }
    Ok(found)
}

fn put_varint(message: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        message.push(value as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

pub fn put_number(message: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(message, u64::from(number) << 3);
    put_varint(message, value);
}

/// Writes the field even if it is empty.
pub fn put_bytes(message: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_varint(message, u64::from(number) << 3 | 2);
    put_varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}
