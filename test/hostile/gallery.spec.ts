import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readGallery, type HostileGuest, type Outcome } from './gallery.ts';
import { NEIGHBOUR_MODULE, Neighbour } from './neighbour.ts';
import { needBuilt } from './need-built.ts';
import { MAIN, Server } from './server.ts';
import { StoreClient, type Answer } from './store-client.ts';

const LIMITS = 'limits: { call: 300ms, init: 1s, memory: 64MiB }\n';
/** What may stay resident after a guest had its whole 64 MiB, in MiB. */
const REMAINS = 40;
/** Guests that one server has besides the neighbour: each is a thread, and takes time to start. */
const TOGETHER = 8;

function assertOutcome(answer: Answer, { code, message }: Outcome): void {
  assert.match(answer.code, new RegExp(`^(${code})$`, 'u'), answer.message);
  assert.match(answer.message, message);
}

function assertNotServed(server: Server, name: string, expected: RegExp): void {
  const line = server.log.find(({ msg, plugin }) => plugin === name && /not served/u.test(msg));
  assert.match(line?.error ?? 'nothing says that it is not served', expected);
  assert(!existsSync(server.socket(name)));
}

async function assertInitFails(server: Server, name: string, expected: Outcome): Promise<void> {
  using client = new StoreClient(server.socket(name));
  assertOutcome(await client.init(), expected);
  assertOutcome(await client.get('other'), {
    code: 'FAILED_PRECONDITION',
    message: /was not initialised/u,
  });
}

async function assertHarmEnds(
  server: Server,
  { name, trigger }: HostileGuest,
  expected: Outcome,
): Promise<void> {
  using client = new StoreClient(server.socket(name));
  assertOutcome(await client.init(), { code: 'OK', message: /^$/u });
  assert.equal((await client.get('other')).data, 'fine');
  const resident = server.residentMemory;

  if (trigger === 'second') await client.get('harm');
  let answer = await client.get('harm');
  const tries = trigger === 'repeated' ? 20 : 0;
  for (let more = 0; more < tries && answer.code === 'OK'; more++) {
    answer = await client.get('harm');
  }
  assertOutcome(answer, expected);

  // The instance was replaced, or is as good as before; and its memory comes back.
  do {
    assert.deepEqual(await client.get('other'), { code: 'OK', message: '', data: 'fine' });
    await delay(1);
  } while (server.residentMemory > resident + REMAINS);
}

const gallery = readGallery();

describe('the gallery of hostile guests', () => {
  it('has at least 25 of them', () => {
    assert(gallery.length >= 25);
  });
});

for (let first = 0; first < gallery.length; first += TOGETHER) {
  const guests = gallery.slice(first, first + TOGETHER);
  const names = `${guests[0]?.name} to ${guests.at(-1)?.name}`;

  describe(`hostile guests, ${names}`, function suite() {
    this.timeout(60_000);
    const server = new Server();
    let neighbour: Neighbour | undefined;
    let answeredBefore = 0;

    before(async function start() {
      needBuilt(this, MAIN, NEIGHBOUR_MODULE);
      server.add('neighbour', readFileSync(NEIGHBOUR_MODULE), '');
      for (const { name, module, manifest } of guests) server.add(name, module, LIMITS + manifest);
      await server.start();
      neighbour = new Neighbour(server.socket('neighbour'));
    });

    after(async () => {
      await neighbour?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    beforeEach(() => {
      answeredBefore = neighbour?.answered ?? 0;
    });

    // Whatever a guest did, the neighbour was answered meanwhile and goes on.
    afterEach(async () => {
      if (neighbour === undefined) return;
      assert(server.running, 'the server ended');
      while (neighbour.answered <= answeredBefore && neighbour.failures.length === 0) {
        await delay(2);
      }
      assert.deepEqual(neighbour.failures, [], 'the neighbour was not answered');
    });

    for (const guest of guests) {
      const { name, harm, load, init, caller } = guest;
      if (load !== undefined) {
        it(`refuses ${name}: ${harm}`, () => assertNotServed(server, name, load));
      } else if (init !== undefined) {
        it(`fails Init of ${name}: ${harm}`, () => assertInitFails(server, name, init));
      } else if (caller !== undefined) {
        it(`outlives ${name}: ${harm}`, () => assertHarmEnds(server, guest, caller));
      }
    }
  });
}
