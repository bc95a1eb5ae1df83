import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createResolve, type Resolve, type ResolveOptions } from '../src/webhooks/create-resolve.ts';
import { ForbiddenTarget, TargetGuard } from '../src/webhooks/guard.ts';

const TYPES = { 1: 'A', 28: 'AAAA' } as const;
const NO_SUCH_NAME = 3;

/** Returns the addresses of a name and type, such as `a.example A`, or null if the name server does not answer. */
type Zone = (question: string) => string[] | 'no-such-name' | null;

/** Starts a name server and returns a function that asks it. */
async function startNameServer(zone: Zone, options: ResolveOptions = {}): Promise<Resolve> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const found = zone(readQuestion(query));
    if (found) socket.send(encodeAnswer(query, found), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  return createResolve({ servers: [`127.0.0.1:${socket.address().port}`], ...options });
}

function readQuestion(query: Buffer): string {
  const labels: string[] = [];
  let at = 12;
  for (let size = query[at]!; size; size = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + size).toLowerCase());
    at += 1 + size;
  }
  return `${labels.join('.')} ${TYPES[query.readUInt16BE(at + 1) as keyof typeof TYPES]}`;
}

function encodeAnswer(query: Buffer, found: readonly string[] | 'no-such-name'): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const addresses = found === 'no-such-name' ? [] : found.map(encodeAddress);
  const records = addresses.map((address) => {
    // A pointer to the name of the question, its type and class, a time to live of 60 s, and the address.
    const head = Buffer.from([0xc0, 12, ...question.subarray(-4), 0, 0, 0, 60, 0, address.length]);
    return Buffer.concat([head, address]);
  });
  const flags = [0x81, found === 'no-such-name' ? 0x80 | NO_SUCH_NAME : 0x80];
  const header = Buffer.from([query[0]!, query[1]!, ...flags, 0, 1, 0, records.length, 0, 0, 0, 0]);
  return Buffer.concat([header, question, ...records]);
}

/** IPv6 addresses must be written in full. */
function encodeAddress(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  return Buffer.from(
    address
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );
}

const answerPublic: Zone = (question) => (question.endsWith(' A') ? ['93.184.216.34'] : []);

const resolveBySystem: Resolve = async (host) => [{ address: `system:${host}`, family: 4 }];

test('holds up no other host while the name servers of many do not answer', async () => {
  const zone: Zone = (question) => (question.startsWith('dead') ? null : answerPublic(question));
  const resolve = await startNameServer(zone);
  const done: string[] = [];
  const note = async (host: string): Promise<unknown> =>
    resolve(host)
      .catch((error: NodeJS.ErrnoException) => error.code)
      .finally(() => done.push(host));
  const dead = Array.from({ length: 8 }, (_, i) => note(`dead${i}.example`));
  await note('localhost');
  await note('alive.example');
  expect(done).toEqual(['localhost', 'alive.example']);
  expect(await Promise.all(dead)).toEqual(Array.from({ length: 8 }, () => 'ETIMEOUT'));
}, 30_000);

test('returns the addresses of both families', async () => {
  const zone: Zone = (question) => {
    if (question === 'both.example A') return ['93.184.216.34', '93.184.216.35'];
    if (question === 'both.example AAAA') return ['2606:4700:4700:0:0:0:0:1111'];
    return question === 'six.example AAAA' ? ['2606:4700:4700:0:0:0:0:1001'] : [];
  };
  const resolve = await startNameServer(zone);
  expect(await resolve('both.example')).toEqual([
    { address: '93.184.216.34', family: 4 },
    { address: '93.184.216.35', family: 4 },
    { address: '2606:4700:4700::1111', family: 6 },
  ]);
  expect(await resolve('six.example')).toEqual([{ address: '2606:4700:4700::1001', family: 6 }]);
});

test('asks the system for names without a dot, names of the file of hosts and unknown names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gradsmith-hosts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const hostsFile = join(folder, 'hosts');
  writeFileSync(hostsFile, '10.0.0.7\tgpu.lab Other.Lab # commented.lab\n');
  const zone: Zone = (question) => (question.startsWith('unknown') ? 'no-such-name' : answerPublic(question));
  const resolve = await startNameServer(zone, { hostsFile, resolveBySystem });
  for (const host of ['receiver', 'gpu.lab', 'other.lab', 'unknown.example'])
    expect(await resolve(host)).toEqual([{ address: `system:${host}`, family: 4 }]);
  for (const host of ['commented.lab', 'known.example'])
    expect(await resolve(host)).toEqual([{ address: '93.184.216.34', family: 4 }]);
});

test('gives the guard every address, so that a private one of either family is refused', async () => {
  const zone: Zone = (question) => (question === 'mixed.example AAAA' ? ['0:0:0:0:0:0:0:1'] : answerPublic(question));
  const guard = new TargetGuard([], await startNameServer(zone));
  const connect = async (host: string): Promise<unknown> =>
    new Promise((resolve) => guard.lookup(host, { all: true }, (error, addresses) => resolve(error ?? addresses)));
  expect(await connect('mixed.example')).toBeInstanceOf(ForbiddenTarget);
  expect(await connect('public.example')).toEqual([{ address: '93.184.216.34', family: 4 }]);
});
