import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { Connection } from '../../../src/kv/http2/connection.ts';
import { FRAME } from '../../../src/http2/frames.ts';
import { frame, settingsFrame, written } from '../../http2/frame.ts';
import { notAnswered, send } from './test-server.ts';

/** A server that says SETTINGS, and `bytes` as its answer to whatever comes next. */
class BrokenServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  bytes = Buffer.alloc(0);

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      socket.write(settingsFrame([]));
      socket.on('data', (request: Buffer) => {
        if (request.includes('/broken')) socket.end(this.bytes);
      });
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  connect(): Promise<Connection> {
    const { port } = this.#server.address() as AddressInfo;
    return Connection.open({ host: '127.0.0.1', port, secure: false }, 5000, () => undefined);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe('a server that breaks HTTP/2', () => {
  const server = new BrokenServer();
  before(() => server.start());
  after(() => server.close());

  const failureFor = async (bytes: Buffer): Promise<string> => {
    server.bytes = Buffer.from(bytes);
    const connection = await server.connect();
    const { message, reached } = await notAnswered(send(connection, '/broken'));
    assert.equal(reached, true, 'nobody knows what such a server did');
    assert.equal(connection.usable, false);
    return message;
  };

  const faults: [string, Buffer, RegExp][] = [
    ['pushes', frame(FRAME.PUSH_PROMISE, 4, 1, Buffer.alloc(4)), /a push/],
    [
      'widens a window too far',
      written((output) => output.windowUpdate(0, 2 ** 31 - 1)),
      /too wide/,
    ],
    [
      'sends a header of a table',
      frame(FRAME.HEADERS, 4, 1, Buffer.from('be', 'hex')),
      /number 62/,
    ],
    ['widens a window by nothing', frame(FRAME.WINDOW_UPDATE, 0, 0, Buffer.alloc(4)), /of nothing/],
    [
      'answers what was never asked',
      frame(FRAME.HEADERS, 4, 7, Buffer.from('88', 'hex')),
      /stream that is idle/,
    ],
    ['says half a setting', frame(FRAME.SETTINGS, 0, 0, Buffer.alloc(3)), /outside/],
    ['sends a frame too large', Buffer.alloc(9, 0xff), /too large/],
    ['sends a RST_STREAM too short', frame(FRAME.RST_STREAM, 0, 1), /range|outside/],
    ['goes away in the middle of a frame', Buffer.alloc(5), /closed/],
  ];
  for (const [what, bytes, message] of faults) {
    it(`is left when it ${what}`, async () => {
      assert.match(await failureFor(bytes), message);
    });
  }

  it('is left, whatever it sends', async () => {
    const anyFrame = fc
      .tuple(
        fc.integer({ min: 0, max: 10 }),
        fc.nat(255),
        fc.nat(3),
        fc.uint8Array({ maxLength: 30 }),
      )
      // An answer, and an end of the call that leaves the connection as it is, are none of these.
      .filter(([type, flags]) => type !== FRAME.RST_STREAM && (flags & 1) === 0)
      .map(([type, flags, stream, payload]) => frame(type, flags, stream, Buffer.from(payload)));
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 6 }), async (frames) => {
        server.bytes = Buffer.concat(frames);
        const connection = await server.connect();
        await notAnswered(send(connection, '/broken'));
        assert.equal(connection.usable, false);
      }),
      { numRuns: 200 },
    );
  });
});
