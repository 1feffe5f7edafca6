import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { HeaderDecoder, encodeFields } from '../../../src/kv/http2/hpack.ts';
import { Http2Fault } from '../../../src/kv/http2/http2-fault.ts';
import { decodeHuffman } from '../../../src/kv/http2/huffman.ts';

function hex(bytes: string): Buffer {
  return Buffer.from(bytes.replaceAll(' ', ''), 'hex');
}

function decode(bytes: string): Record<string, string> {
  return Object.fromEntries(new HeaderDecoder().decode(hex(bytes)));
}

describe('header blocks', () => {
  // RFC 7541, appendix C.
  const strings = {
    'www.example.com': 'f1e3 c2e5 f23a 6ba0 ab90 f4ff',
    'no-cache': 'a8eb 1064 9cbf',
    'custom-key': '25a8 49e9 5ba9 7d7f',
    'custom-value': '25a8 49e9 5bb8 e8b4 bf',
    'Mon, 21 Oct 2013 20:13:21 GMT': 'd07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff',
    'https://www.example.com': '9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3',
  };
  for (const [text, bytes] of Object.entries(strings)) {
    it(`hold “${text}” in the code that the RFC shows`, () => {
      assert.equal(decodeHuffman(hex(bytes)), text);
    });
  }

  it('name fields by number, in part, or not at all', () => {
    assert.deepEqual(decode('88'), { ':status': '200' });
    assert.deepEqual(decode('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), {
      ':method': 'GET',
      ':scheme': 'http',
      ':path': '/',
      ':authority': 'www.example.com',
    });
    assert.deepEqual(decode('040c 2f73 616d 706c 652f 7061 7468'), { ':path': '/sample/path' });
    assert.deepEqual(decode('1008 7061 7373 776f 7264 0673 6563 7265 74'), { password: 'secret' });
    assert.deepEqual(decode('20 0001 6101 31 0001 6101 32'), { a: '1,2' });
  });

  it('are read as they are written, long values too', () => {
    const fields: [string, string, boolean?][] = [
      [':path', '/etcdserverpb.KV/Range'],
      ['token', 't'.repeat(126), true],
      ['long', 'x'.repeat(127)],
      ['longer', 'y'.repeat(127 + 128)],
      ['longest', 'z'.repeat(15_000)],
      ['empty', ''],
    ];
    const block = encodeFields(fields);
    assert.deepEqual(
      [...new HeaderDecoder().decode(block)],
      fields.map(([name, value]) => [name, value]),
    );
  });

  const broken = {
    'a number beyond the table': 'be',
    'the number nought': '80',
    'a number without an end': 'ffff ffff ffff',
    'a table that grew': '3f01',
    'a name that ends too early': '0003 6161',
    'nothing after a name': '0001 61',
    'a string with its end in it': '0001 6184 ffff ffff',
    'a string filled up with noughts': '0001 6181 00',
    'a string filled up with a byte': '0001 6182 63ff',
  };
  for (const [what, bytes] of Object.entries(broken)) {
    it(`are refused with ${what}`, () => {
      assert.throws(() => decode(bytes), Http2Fault);
    });
  }

  it('of any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          new HeaderDecoder().decode(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof Http2Fault, String(error));
        }
      }),
      { numRuns: 5000 },
    );
  });
});
