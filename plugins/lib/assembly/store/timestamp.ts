import { ByteBuffer } from '../byte-buffer';

/** Length of a timestamp as written here: 2026-01-31T23:59:59.123Z */
export const TIMESTAMP_SIZE: u32 = 24;

/**
 * Writes RFC 3339 in UTC with milliseconds, for years up to 9999. The date is counted in eras of
 * 400 years (146097 days) that begin on a first of March, so that a leap day is a year's last.
 */
export function writeTimestamp(milliseconds: i64, to: ByteBuffer): void {
  const days = milliseconds / 86400000;
  const time = <u32>(milliseconds % 86400000);
  // From 0000-03-01, which is 719468 days before 1970-01-01.
  const sinceMarch = <u32>(days + 719468);
  const era = sinceMarch / 146097;
  const dayOfEra = sinceMarch % 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  // Months from March have 31, 30, 31, 30, 31 days in turn: 153 in every five.
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  digits(to, year, 4);
  to.byte(0x2d);
  digits(to, month, 2);
  to.byte(0x2d);
  digits(to, day, 2);
  to.byte(0x54);
  digits(to, time / 3600000, 2);
  to.byte(0x3a);
  digits(to, (time / 60000) % 60, 2);
  to.byte(0x3a);
  digits(to, (time / 1000) % 60, 2);
  to.byte(0x2e);
  digits(to, time % 1000, 3);
  to.byte(0x5a);
}

function digits(to: ByteBuffer, value: u32, count: u32): void {
  const at = to.reserve(count);
  let rest = value;
  for (let i = count; i > 0; i--) {
    store<u8>(at + i - 1, 48 + (rest % 10));
    rest /= 10;
  }
  to.size += count;
}
