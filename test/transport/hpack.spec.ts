import assert from 'node:assert/strict';
import { connect, sensitiveHeaders, type ClientHttp2Session } from 'node:http2';
import { duplexPair } from 'node:stream';
import * as fc from 'fast-check';
import { ConnectionError } from '../../src/transport/http2/errors.ts';
import { FRAME, FrameReader } from '../../src/transport/http2/frames.ts';
import { HpackDecoder } from '../../src/transport/http2/hpack/decoder.ts';
import { encodeFields } from '../../src/transport/http2/hpack/encoder.ts';

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
  });
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
        const decoder = new HpackDecoder(MOST);
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
          const { fields: read } = new HpackDecoder(2 ** 20).decode(encodeFields(fields));
          assert.deepEqual(read, fields.flat());
        },
      ),
      { seed: 1 },
    );
  });

  it('are refused, and nothing worse happens, where they are no header blocks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 10 }), (blocks) => {
        const decoder = new HpackDecoder(MOST);
        try {
          for (const block of blocks) decoder.decode(block);
        } catch (error) {
          assert.ok(error instanceof ConnectionError, String(error));
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
    assert.throws(() => new HpackDecoder(MOST).decode(Buffer.concat([field, again])), {
      message: 'headers of more than 65536 bytes',
    });
    const { fields } = new HpackDecoder(MOST).decode(Buffer.concat([field, again.subarray(0, 10)]));
    assert.equal(fields.length, 22);
  });
});
