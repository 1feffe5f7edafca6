import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { FRAME } from '../../../src/http2/frames.ts';
import { Channel, type Route } from '../../../src/kv/grpc/channel.ts';
import { RpcError } from '../../../src/kv/grpc/rpc-error.ts';
import type { Endpoint } from '../../../src/kv/http2/connect-socket.ts';
import { freePort } from '../../servers/free-port.ts';
import { frame, settingsFrame } from '../../http2/frame.ts';
import { TestServer } from '../http2/test-server.ts';

function at(port: number): Endpoint {
  return { host: '127.0.0.1', port, secure: false };
}

/** A server that says SETTINGS and goes. */
class Leaving {
  readonly #server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(Buffer.concat([settingsFrame([]), frame(FRAME.GOAWAY, 0, 0, Buffer.alloc(8))]));
  });

  static async start(): Promise<Leaving> {
    const leaving = new Leaving();
    leaving.#server.listen(0, '127.0.0.1');
    await once(leaving.#server, 'listening');
    return leaving;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }
}

describe('a channel', () => {
  const random = Math.random;
  let servers: TestServer[];
  let channel: Channel;

  const server = async (): Promise<TestServer> => {
    const started = await TestServer.start((stream) => {
      stream.respond({ ':status': 200 }, { endStream: true });
    });
    servers.push(started);
    return started;
  };

  /** Waits till calls go somewhere else, or over another connection. */
  const another = async (before: Route): Promise<Route> => {
    for (;;) {
      const route = await channel.connect(5000);
      if (route.connection !== before.connection) return route;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  beforeEach(() => {
    servers = [];
    Math.random = () => 0;
  });
  afterEach(() => {
    Math.random = random;
    channel?.close();
    for (const each of servers) each.close();
  });

  it('goes to another endpoint where nothing listens at the first', async () => {
    const second = await server();
    channel = new Channel([at(await freePort()), at(second.port)]);
    assert.equal((await channel.connect()).endpoint.port, second.port);
  });

  it('goes to another endpoint where the first says nothing', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    try {
      const second = await server();
      channel = new Channel([at((mute.address() as AddressInfo).port), at(second.port)]);
      assert.equal((await channel.connect()).endpoint.port, second.port);
    } finally {
      mute.close();
      for (const socket of sockets) socket.destroy();
    }
  });

  it('goes to another endpoint where the first takes no requests', async () => {
    const leaving = await Leaving.start();
    try {
      const second = await server();
      channel = new Channel([at(leaving.port), at(second.port)]);
      assert.equal((await channel.connect(5000)).endpoint.port, second.port);
    } finally {
      leaving.close();
    }
  });

  it('leaves a server alone that ends its connections at once, until somebody asks', async () => {
    const one = await TestServer.start((stream) => stream.respond());
    servers.push(one);
    channel = new Channel([at(one.port)]);
    for (let asked = 1; asked <= 3; asked += 1) {
      await channel.connect(5000);
      for (const session of one.sessions) session.destroy();
      while (channel.route !== undefined) await new Promise((resolve) => setImmediate(resolve));
      await pause(50);
      assert.equal(one.connections, asked);
    }
  });

  it('begins with any of the endpoints', async () => {
    Math.random = () => 0.99;
    const [first, second] = [await server(), await server()];
    channel = new Channel([at(first.port), at(second.port)]);
    assert.equal((await channel.connect()).endpoint.port, second.port);
  });

  it('replaces a connection that is lost, or that the server ends, before anybody asks', async () => {
    const only = await server();
    channel = new Channel([at(only.port)]);
    const first = await channel.connect();
    only.sessions[0]?.destroy();
    const second = await another(first);
    only.sessions.at(-1)?.goaway(constants.NGHTTP2_NO_ERROR);
    await another(second);
    assert.equal(only.connections, 3);
  });

  it('goes to another endpoint when its own is gone, or when it is left', async () => {
    const [first, second, third] = [await server(), await server(), await server()];
    channel = new Channel([at(first.port), at(second.port), at(third.port)]);
    const began = await channel.connect();
    assert.equal(began.endpoint.port, first.port);
    first.close();
    const went = await another(began);
    assert.equal(went.endpoint.port, second.port);
    channel.leave(went);
    const left = await another(went);
    assert.equal(left.endpoint.port, third.port);
    channel.leave(went);
    assert.equal(channel.route, left, 'it left an endpoint for what another one did');
  });

  it('stays with the only endpoint that there is', async () => {
    const only = await server();
    channel = new Channel([at(only.port)]);
    const route = await channel.connect();
    channel.leave(route);
    assert.equal(channel.route, route);
  });

  it('says why there is no connection, when asked once and when patience ends', async () => {
    channel = new Channel([at(await freePort())]);
    for (const patience of [undefined, 120]) {
      const failure = await channel.connect(patience).catch((error: unknown) => error);
      assert.ok(failure instanceof RpcError, String(failure));
      assert.match(failure.message, /ECONNREFUSED/);
      assert.equal(failure.reached, false);
    }
  });

  it('that is closed connects no more', async () => {
    const only = await server();
    channel = new Channel([at(only.port)]);
    await channel.connect();
    channel.close();
    await assert.rejects(channel.connect(1000), RpcError);
    assert.equal(channel.route, undefined);
  });
});
