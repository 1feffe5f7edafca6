import assert from 'node:assert/strict';
import { duration, size } from '../../src/config/units.ts';

describe('sizes in settings', () => {
  for (const [text, bytes] of [
    ['0B', 0],
    ['1B', 1],
    ['4KiB', 4096],
    ['256MiB', 268_435_456],
    ['1.5GiB', 1_610_612_736],
    ['64 MiB', 67_108_864],
    [' 1kB ', 1000],
    ['2MB', 2_000_000],
    ['1GB', 1_000_000_000],
  ] as const) {
    it(`are bytes: ${text}`, () => assert.equal(size.parse(text), bytes));
  }

  for (const value of [
    '',
    '12',
    12,
    'MiB',
    '1 m',
    '-1MiB',
    '1mib',
    '1e3KiB',
    '1MiB 2KiB',
    '0x10B',
  ]) {
    it(`need a number and a unit: ${JSON.stringify(value)}`, () => {
      const { error } = size.safeParse(value);
      assert.match(
        String(error?.issues[0]?.message),
        /is not a number with a unit \(B, KiB,.*256MiB/,
      );
    });
  }

  it('are no other kinds of values', () => {
    for (const value of [true, null, [], {}]) assert.equal(size.safeParse(value).success, false);
  });
});

describe('durations in settings', () => {
  for (const [text, ms] of [
    ['0s', 0],
    ['250ms', 250],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ] as const) {
    it(`are milliseconds: ${text}`, () => assert.equal(duration.parse(text), ms));
  }

  for (const value of ['5', 5, 's', '-1s', '1 day', '5S', '1MiB']) {
    it(`need a number and a unit: ${JSON.stringify(value)}`, () => {
      const { error } = duration.safeParse(value);
      assert.match(
        String(error?.issues[0]?.message),
        /is not a number with a unit \(ms, s, m, h\)/,
      );
    });
  }

  it('are no longer than timers take', () => {
    assert.equal(duration.parse('500h'), 1_800_000_000);
    const { error } = duration.safeParse('501h');
    assert.match(String(error?.issues[0]?.message), /must be 500h at the most/);
  });
});
