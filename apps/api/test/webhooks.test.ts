import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { steerJob } from '@gradsmith/core/jobs';
import { settleNotification, claimNotification } from '@gradsmith/core/notifications';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ForbiddenTarget, TargetGuard, type Resolve } from '../src/webhooks/guard.ts';
import { deliver } from '../src/webhooks/send.ts';
import { call, outsideJob, startApi, startService } from './support.ts';
import { create, work } from './work.ts';

const secret = 'a secret of more than 24 characters';
const depth = ({ depth }: Record<string, number>): number => depth!;

interface Heard {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  address: string;
}

/** A web server that answers with the given statuses in turn, then with 200. */
async function receiver(statuses: readonly number[] = [], host = '127.0.0.1', headers: Record<string, string> = {}) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += String(chunk)));
    request.on('end', () => {
      heard.push({ url: request.url!, headers: request.headers, body, address: request.socket.localAddress! });
      response.writeHead(statuses[heard.length - 1] ?? 200, headers).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { heard, port, url: `http://${host}:${port}/hook` };
}

async function until(enough: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !enough(); i++) await delay(20);
  if (!enough()) throw new Error('did not come to pass');
}

describe('webhooks', () => {
  test('are told each new best and the end, once, signed', async () => {
    const { heard, url } = await receiver();
    const { app } = await startService({ webhooks: { secret, guard: new TargetGuard(['127.0.0.0/8']) } });
    const id = await create(app, { ...outsideJob, webhooks: [{ url }, { url: `${url}/ended`, on: ['finished'] }] });
    await work(app, id, depth);
    await until(() => heard.filter(({ body }) => body.includes('job.finished')).length === 2);
    await delay(100);
    for (const { headers, body } of heard) {
      // As the Standard Webhooks specification has a receiver do it.
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
      expect(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp']))).toBeLessThan(60);
    }
    const ids = heard.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(ids.length);
    const bodies = heard.filter(({ url }) => url === '/hook').map(({ body }) => JSON.parse(body));
    const values = bodies.filter(({ type }) => type === 'job.best').map(({ data }) => data.best.value);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    const { body: status } = await call(app, 'GET', `/v1/jobs/${id}/status`);
    expect(values.at(-1)).toBe(status.best.value);
    expect(bodies.at(-1)).toMatchObject({
      type: 'job.finished',
      data: { id, state: 'completed', settled: 6, best: { point: status.best.point } },
    });
    expect(heard.filter(({ url }) => url === '/hook/ended').map(({ body }) => JSON.parse(body).type)).toEqual([
      'job.finished',
    ]);
  });

  test('that answer with an error are told again, with the same id, after a pause', async () => {
    const { heard, url } = await receiver([500]);
    const { app } = await startService({ webhooks: { secret, guard: new TargetGuard(['127.0.0.1']) } });
    const id = await create(app, { ...outsideJob, webhooks: [{ url, on: ['finished'] }] });
    const start = performance.now();
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    await until(() => heard.length === 2);
    expect(performance.now() - start).toBeGreaterThan(4_900);
    expect(heard[0]!.headers['webhook-id']).toBe(heard[1]!.headers['webhook-id']);
  });

  test('are told by one process at a time, go on after a death, pause longer each time, and are given up in the end', async () => {
    const { app, ledger } = await startApi({ webhooks: null });
    const { id } = (await call(app, 'POST', '/v1/jobs', outsideJob)).body;
    expect(await claimNotification(ledger, id, 1_000)).toEqual({ notification: null, next: null });
    const other = await startApi({ webhooks: { secret, guard: new TargetGuard([], async () => []) } });
    const hooked = (
      await call(other.app, 'POST', '/v1/jobs', {
        ...outsideJob,
        webhooks: [{ url: 'https://example.org/', on: ['finished'] }],
      })
    ).body.id;
    await other.app.close();
    const { ledger: second } = other;
    expect(await claimNotification(second, hooked, 1_000)).toEqual({ notification: null, next: 2_000 });
    await steerJob(second, hooked, 'cancel');
    const taken = await Promise.all([claimNotification(second, hooked, 200), claimNotification(second, hooked, 200)]);
    const notices = taken.flatMap(({ notification }) => notification ?? []);
    expect(notices).toHaveLength(1);
    // Its taker dies: it is due again when its hold has run out.
    await delay(250);
    const { notification: again } = await claimNotification(second, hooked, 200);
    expect(again).toMatchObject({ id: notices[0]!.id, tries: 2 });
    expect(await settleNotification(second, again!, false)).toBe('again');
    const { notification, next } = await claimNotification(second, hooked, 200);
    expect([notification, next! > 9_000 && next! <= 10_000]).toEqual([null, true]);
    expect(await settleNotification(second, { ...again!, tries: 30 }, false)).toBe('given-up');
    expect(await claimNotification(second, hooked, 200)).toEqual({ notification: null, next: null });
  });

  test('of a service that cannot sign are refused, as are those with a password or another protocol', async () => {
    const { app } = await startApi();
    const post = async (url: string): Promise<string> =>
      (await call(app, 'POST', '/v1/jobs', { ...outsideJob, webhooks: [{ url }] })).body.problems?.[0].pointer;
    expect(await post('https://example.org/')).toBe('/webhooks');
    for (const url of [
      'https://me:secret@example.org/',
      'file:///etc/passwd',
      'gopher://example.org/',
      'example.org',
      'javascript:alert(1)',
    ])
      expect(await post(url)).toBe('/webhooks/0/url');
  });
});

describe('private addresses', () => {
  test.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '10.0.0.1',
    '172.16.9.9',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '0',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '127.1',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fd00::1]',
    '[fe80::1]',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    'ⓛocalhost',
    '①②⑦.⓪.⓪.①',
  ])('are refused however they are spelled: %s', async (host) => {
    const guard = new TargetGuard();
    const delivery = deliver({ url: `http://${host}:9/`, id: 'n', body: '{}' }, secret, guard);
    await expect(delivery).rejects.toThrow(ForbiddenTarget);
  });

  test.each([
    '93.184.216.34',
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '192.167.255.255',
    '[2606:4700:4700::1111]',
    '[2a00:1450:4001::1]',
  ])('are not taken for public ones: %s may be reached', (host) => {
    expect(() => new TargetGuard().checkUrl(`http://${host}/`)).not.toThrow();
  });

  test('that a job names are refused before it is stored', async () => {
    const { app } = await startApi({ webhooks: { secret, guard: new TargetGuard() } });
    const { status, body } = await call(app, 'POST', '/v1/jobs', {
      ...outsideJob,
      webhooks: [{ url: 'http://169.254.169.254/latest/meta-data' }],
    });
    expect([status, body.problems[0].pointer]).toEqual([422, '/webhooks/0/url']);
    expect((await call(app, 'GET', '/v1/jobs')).body.items).toEqual([]);
  });

  test('are not reached by a name that has one among its addresses', async () => {
    const { heard, port } = await receiver();
    // The first one is allowed, and nobody listens there.
    const mixed: Resolve = async () => [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    await expect(
      deliver(
        { url: `http://mixed.example:${port}/`, id: 'n', body: '{}' },
        secret,
        new TargetGuard(['127.0.0.2'], mixed),
      ),
    ).rejects.toThrow(ForbiddenTarget);
    expect(heard).toEqual([]);
  });

  test('are not reached by a name whose answer changes after it was checked', async () => {
    let asked = 0;
    const { heard, port } = await receiver([], '0.0.0.0');
    const rebinding: Resolve = async () => [{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }];
    const guard = new TargetGuard(['127.0.0.2'], rebinding);
    expect(await deliver({ url: `http://rebinding.example:${port}/`, id: 'n', body: '{}' }, secret, guard)).toBe(200);
    expect([asked, heard[0]!.address]).toEqual([1, '127.0.0.2']);
    await expect(
      deliver({ url: `http://rebinding.example:${port}/`, id: 'n', body: '{}' }, secret, guard),
    ).rejects.toThrow(ForbiddenTarget);
    expect(heard).toHaveLength(1);
  });

  test('are not reached through a redirect', async () => {
    const inner = await receiver();
    const outer = await receiver([302], '127.0.0.2', { location: inner.url });
    expect(await deliver({ url: outer.url, id: 'n', body: '{}' }, secret, new TargetGuard(['127.0.0.0/8']))).toBe(302);
    expect([outer.heard.length, inner.heard.length]).toEqual([1, 0]);
  });

  test('can be allowed by range; what is no range is refused at start', () => {
    expect(() => new TargetGuard(['10.1.0.0/16']).checkUrl('http://10.1.2.3/')).not.toThrow();
    expect(() => new TargetGuard(['10.1.0.0/16']).checkUrl('http://10.2.2.3/')).toThrow(ForbiddenTarget);
    expect(() => new TargetGuard(['fd00::/8']).checkUrl('http://[fd12::1]/')).not.toThrow();
    expect(() => new TargetGuard(['example.org'])).toThrow('no address range');
  });
});
