import assert from 'node:assert/strict';
import { connect, sensitiveHeaders, type ClientHttp2Session } from 'node:http2';
import { duplexPair } from 'node:stream';
import * as fc from 'fast-check';
import { Http2Fault } from '../../src/http2/errors.ts';
import { FrameReader } from '../../src/http2/frame-reader.ts';
import { FRAME, PREFACE } from '../../src/http2/frames.ts';
import { DEFAULT_TABLE_SIZE, HpackDecoder } from '../../src/http2/hpack/decoder.ts';
import { encodeFields, type Field } from '../../src/http2/hpack/encoder.ts';
import { huffmanDecode } from '../../src/http2/hpack/huffman.ts';

const MOST = 64 * 1024;

const name = fc.stringMatching(/^x-[a-z0-9.]{1,12}$/);
/** Any byte that a value may have, in strings that the Huffman code makes shorter and longer. */
const value = fc.oneof(
  fc.stringMatching(/^[a-z0-9/]{0,60}$/),
  fc.stringMatching(/^[!-~]([ -~]{0,60}[!-~])?$/),
  fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => Buffer.from(bytes.map((byte) => byte | 0x80)).toString('latin1')),
);
const request = fc.record({
  fields: fc.uniqueArray(fc.tuple(name, value), { maxLength: 12, selector: ([key]) => key }),
  sensitive: fc.boolean(),
});

/** What Node's HTTP/2 sends as header blocks of these requests, on one connection. */
async function blocksOf(
  requests: readonly { fields: [string, string][]; sensitive: boolean }[],
): Promise<Buffer[]> {
  const [near, far] = duplexPair();
  const blocks: Buffer[] = [];
  const reader = new FrameReader((type, _, __, payload) => {
    if (type === FRAME.HEADERS || type === FRAME.CONTINUATION) blocks.push(payload);
  }, PREFACE);
  far.on('data', (chunk: Buffer) => reader.read(chunk));
  const session: ClientHttp2Session = connect('http://localhost', { createConnection: () => near });
  session.on('error', () => undefined);
  for (const { fields, sensitive } of requests) {
    const headers = {
      ':path': '/',
      ...Object.fromEntries(fields),
      ...(sensitive ? { [sensitiveHeaders]: fields.map(([key]) => key) } : {}),
    };
    session.request(headers, { endStream: true }).on('error', () => undefined);
  }
  while (blocks.length < requests.length) await new Promise((resolve) => setImmediate(resolve));
  session.destroy();
  return blocks;
}

function decoderOf(maxFields = MOST): HpackDecoder {
  return new HpackDecoder(maxFields, DEFAULT_TABLE_SIZE);
}

function hex(bytes: string): Buffer {
  return Buffer.from(bytes.replaceAll(' ', ''), 'hex');
}

/** Names and values of a block that refers to none before. */
function decode(bytes: string): readonly string[] {
  return new HpackDecoder(MOST, 0).decode(hex(bytes)).fields;
}

function pairs(fields: readonly string[]): [string, string][] {
  return fields.flatMap((key, at) =>
    at % 2 === 0 && !key.startsWith(':') ? [[key, fields[at + 1] ?? '']] : [],
  );
}

describe('header blocks', () => {
  it('are read as another implementation wrote them, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 30 }), async (requests) => {
        const blocks = await blocksOf(requests);
        const decoder = decoderOf();
        const read = blocks.map((block) => decoder.decode(block));
        assert.deepEqual(
          read.map(({ fields }) => pairs(fields)),
          requests.map(({ fields }) => fields),
        );
        assert.ok(read.every(({ isValid }) => isValid));
      }),
      { numRuns: 60, seed: 1 },
    );
  }).timeout(60_000);

  it('are read back as they were written here', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.string({ unit: 'binary-ascii', maxLength: 400 }))),
        (fields) => {
          const { fields: read } = decoderOf(2 ** 20).decode(encodeFields(fields));
          assert.deepEqual(read, fields.flat());
        },
      ),
      { seed: 1 },
    );
  });

  it('are refused, and nothing worse happens, where they are no header blocks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 10 }), (blocks) => {
        const decoder = decoderOf();
        try {
          for (const block of blocks) decoder.decode(Buffer.from(block));
        } catch (error) {
          assert.ok(error instanceof Http2Fault, String(error));
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('are refused where they would grow without end', () => {
    // One field of 4 KB in the table, and a byte for each time that it comes again.
    const field = Buffer.concat([
      Buffer.of(0x40, 1, 0x78, 0x7f, 0x80 + ((4000 - 127) % 128), Math.floor((4000 - 127) / 128)),
      Buffer.alloc(4000, 'v'),
    ]);
    const again = Buffer.alloc(100, 0x80 | 62);
    assert.throws(() => decoderOf().decode(Buffer.concat([field, again])), {
      message: 'headers of more than 65536 bytes',
    });
    const { fields } = decoderOf().decode(Buffer.concat([field, again.subarray(0, 10)]));
    assert.equal(fields.length, 22);
  });

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
      const coded = hex(bytes);
      assert.equal(huffmanDecode(coded, 0, coded.length), text);
    });
  }

  it('name fields by number, in part, or not at all', () => {
    assert.deepEqual(decode('88'), [':status', '200']);
    assert.deepEqual(decode('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), [
      ':method',
      'GET',
      ':scheme',
      'http',
      ':path',
      '/',
      ':authority',
      'www.example.com',
    ]);
    assert.deepEqual(decode('040c 2f73 616d 706c 652f 7061 7468'), [':path', '/sample/path']);
    assert.deepEqual(decode('1008 7061 7373 776f 7264 0673 6563 7265 74'), ['password', 'secret']);
    assert.deepEqual(decode('20 0001 6101 31 0001 6101 32'), ['a', '1', 'a', '2']);
  });

  it('are read as they are written, long values too, with a table and without one', () => {
    const fields: Field[] = [
      [':status', '200'],
      [':path', '/etcdserverpb.KV/Range'],
      ['token', 't'.repeat(126), true],
      ['long', 'x'.repeat(127)],
      ['longer', 'y'.repeat(127 + 128)],
      ['longest', 'z'.repeat(15_000)],
      ['empty', ''],
    ];
    const expected = fields.flatMap(([key, its]) => [key, its]);
    for (const block of [encodeFields(fields), encodeFields(fields.slice(0, 2))]) {
      for (const decoder of [decoderOf(), new HpackDecoder(MOST, 0)]) {
        for (let time = 0; time < 2; time += 1) {
          const { fields: read } = decoder.decode(block);
          assert.deepEqual(read, expected.slice(0, read.length));
        }
      }
    }
  });

  it('keep secrets from every table, those of proxies and of the RFC included', () => {
    const block = encodeFields([
      ['a', 'b', true],
      [':status', '200', true],
    ]);
    assert.equal(block.toString('latin1'), '\x10\x01a\x01b\x10\x07:status\x03200');
  });

  const refused = {
    'a number beyond the table': 'be',
    'the number nought': '80',
    'a number without an end': 'ffff ffff ffff',
    'a table that grew': '3f01',
    'a table that changes behind a field': '8820',
    'a name that ends too early': '0003 6161',
    'nothing after a name': '0001 61',
    'a string with its end in it': '0001 6184 ffff ffff',
    'a string filled up with noughts': '0001 6181 00',
    'a string filled up with a byte': '0001 6182 63ff',
  };
  for (const [what, bytes] of Object.entries(refused)) {
    it(`are refused with ${what}`, () => {
      assert.throws(() => decode(bytes), Http2Fault);
    });
  }

  it('of any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          new HpackDecoder(MOST, 0).decode(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof Http2Fault, String(error));
        }
      }),
      { numRuns: 5000 },
    );
  });
});
