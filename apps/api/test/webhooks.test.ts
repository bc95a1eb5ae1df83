import { createServer, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { LedgerUnavailable } from '@gradsmith/core/domain';
import { createJob, editJob, steerJob } from '@gradsmith/core/jobs';
import { fields } from '@gradsmith/core/ledger';
import { settleNotification, claimNotification } from '@gradsmith/core/notifications';
import { parseJob } from '@gradsmith/core/spec';
import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Resolve } from '../src/webhooks/create-resolve.ts';
import { ForbiddenTarget, reserved, TargetGuard } from '../src/webhooks/guard.ts';
import { Notifier } from '../src/webhooks/notifier.ts';
import { parseRetryAfter, sendMessage, type WebhookAnswer } from '../src/webhooks/send.ts';
import { createSigner } from '../src/webhooks/sign.ts';
import { call, externalJob, silent, startApi, startService } from './support.ts';
import { create, work } from './work.ts';

const secret = `whsec_${Buffer.from('a secret of more than 24 bytes').toString('base64')}`;
const signer = createSigner(secret);
const depth = ({ depth }: Record<string, number>): number => depth!;

interface Heard {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  address: string;
}

interface Answer {
  status?: number;
  headers?: Record<string, string>;
}

/** Starts a web server that sends the answers one after the other, then 200; or the answer that a function returns. */
async function startReceiver(answers: readonly Answer[] | ((heard: Heard) => Answer) = [], host = '127.0.0.1') {
  const heard: Heard[] = [];
  const findAnswer = (): Answer =>
    typeof answers === 'function' ? answers(heard.at(-1)!) : (answers[heard.length - 1] ?? {});
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += String(chunk)));
    request.on('end', () => {
      heard.push({ url: request.url!, headers: request.headers, body, address: request.socket.localAddress! });
      const { status = 200, headers = {} } = findAnswer();
      response.writeHead(status, headers).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { heard, port, url: `http://${host}:${port}/hook` };
}

/**
 * Starts the API with a job that has these webhooks. The clock of the ledger stands still until `advance` moves it;
 * `pass` also settles earlier deliveries first and has the due ones sent.
 */
async function startNotified(webhooks: object[]) {
  let now = Date.now();
  let writes = 0;
  const settings = { webhooks: { signer, guard: new TargetGuard(['127.0.0.0/8']) } };
  const api = await startApi(settings, (store) => {
    const [read, commitOrRead] = [store.read.bind(store), store.commitOrRead.bind(store)];
    store.read = async (...args) => ({ ...(await read(...args)), now });
    store.commitOrRead = async (...args) => {
      const refused = await commitOrRead(...args);
      if (!refused && args[1].writes.some(([field]) => field === fields.notifications)) writes += 1;
      return refused && { ...refused, now };
    };
    return store;
  });
  const id = await create(api.app, { ...externalJob, webhooks });
  const advance = (ms: number): void => void (now += ms);
  const pass = async (ms: number): Promise<void> => {
    // Each delivery is claimed by one write and settled by another.
    await until(() => writes > 0 && writes % 2 === 0);
    advance(ms);
    api.signals.publish(id);
    await delay(100);
  };
  return { ...api, id, advance, pass };
}

/** Creates a job that ends while no API runs, then `newer` other jobs. Returns a function that starts a notifier. */
async function createEndedJob(url: string, newer: number) {
  const api = await startApi();
  const id = 'job_ffffffffffffffffffff';
  await createJob(api.ledger, id, parseJob({ ...externalJob, webhooks: [{ url, on: ['finished'] }] }));
  await steerJob(api.ledger, id, 'cancel');
  for (let i = 0; i < newer; i++)
    await createJob(api.ledger, `job_${String(i).padStart(20, '0')}`, parseJob(externalJob));
  const start = (): Notifier => {
    const settings = { signer, guard: new TargetGuard(['127.0.0.0/8']) };
    const notifier = new Notifier(api.ledger, api.signals, silent, settings);
    onTestFinished(async () => notifier.close());
    return notifier;
  };
  return { ...api, id, start };
}

async function until(enough: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !enough(); i++) await delay(20);
  if (!enough()) throw new Error('the condition did not become true');
}

async function send(url: string, guard: TargetGuard): Promise<WebhookAnswer> {
  return sendMessage({ url, id: 'n', body: '{}' }, { signer, guard });
}

describe('webhooks', () => {
  test('receive each new best and the end, once and signed', async () => {
    const { heard, url } = await startReceiver();
    const { app } = await startService({ webhooks: { signer, guard: new TargetGuard(['127.0.0.0/8']) } });
    const id = await create(app, { ...externalJob, webhooks: [{ url }, { url: `${url}/finished`, on: ['finished'] }] });
    await work(app, id, depth);
    await until(() => heard.filter(({ body }) => body.includes('job.finished')).length === 2);
    await delay(100);
    for (const { headers, body } of heard) {
      // As receivers do it, with the library of the Standard Webhooks specification and the unchanged secret.
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
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
    expect(heard.filter(({ url }) => url === '/hook/finished').map(({ body }) => JSON.parse(body).type)).toEqual([
      'job.finished',
    ]);
  });

  test('get the job as in the list of jobs, with its changed name and labels', async () => {
    const { heard, url } = await startReceiver();
    const { app, ledger, id } = await startNotified([{ url, on: ['finished'] }]);
    await editJob(ledger, id, { name: 'renamed', labels: { team: 'vision' } });
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    await until(() => heard.length === 1);
    const { data } = JSON.parse(heard[0]!.body);
    expect(data).toMatchObject({ name: 'renamed', labels: { team: 'vision' } });
    const { body } = await call(app, 'GET', '/v1/jobs');
    expect(data).toEqual(body.items[0]);
  });

  test('that answer with an error get the same notification again, with the same id, after a pause', async () => {
    const { heard, url } = await startReceiver([{ status: 500 }]);
    const { app, id, pass } = await startNotified([{ url, on: ['finished'] }]);
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    await until(() => heard.length === 1);
    await pass(4_999);
    expect(heard).toHaveLength(1);
    await pass(1);
    await until(() => heard.length === 2);
    expect(heard[0]!.headers['webhook-id']).toBe(heard[1]!.headers['webhook-id']);
  });

  test('that answer with Retry-After get nothing before that time', async () => {
    const { heard, url } = await startReceiver([{ status: 503, headers: { 'retry-after': '120' } }]);
    const { app, id, pass } = await startNotified([{ url, on: ['finished'] }]);
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    await until(() => heard.length === 1);
    await pass(119_999);
    expect(heard).toHaveLength(1);
    await pass(1);
    await until(() => heard.length === 2);
  });

  test('that answer 410 get nothing more, while other addresses do', async () => {
    const gone = await startReceiver([{ status: 410 }]);
    const other = await startReceiver();
    const hooks = [{ url: gone.url }, { url: gone.url, on: ['finished'] }, { url: other.url, on: ['finished'] }];
    const { app, id, pass, ledger } = await startNotified(hooks);
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    await until(() => other.heard.length === 1);
    await pass(24 * 3_600_000);
    await until(() => other.heard.length === 1);
    expect(gone.heard).toHaveLength(1);
    expect(await claimNotification(ledger, id, 1_000)).toEqual({ notification: null, next: null });
  });

  test('get the end of a job although its best cannot be delivered', async () => {
    const { heard, url } = await startReceiver(({ body }) => (body.includes('job.best') ? { status: 307 } : {}));
    const { app } = await startService({ webhooks: { signer, guard: new TargetGuard(['127.0.0.1']) } });
    const id = await create(app, { ...externalJob, webhooks: [{ url }] });
    await work(app, id, depth);
    await until(() => heard.some(({ body }) => body.includes('job.finished')));
    const types = heard.map(({ body }) => JSON.parse(body).type);
    expect(types.slice(0, 1)).toEqual(['job.best']);
    expect(types.slice(-1)).toEqual(['job.finished']);
  });

  test('are claimed by one process at a time, again after its death, and not tried again in the end', async () => {
    const { ledger: unhooked, id: other } = await startNotified([]);
    expect(await claimNotification(unhooked, other, 1_000)).toEqual({ notification: null, next: null });
    const { app, ledger, id, advance } = await startNotified([{ url: 'https://example.org/', on: ['finished'] }]);
    await app.close();
    const claim = async () => claimNotification(ledger, id, 200);
    expect(await claim()).toEqual({ notification: null, next: 2_000 });
    await steerJob(ledger, id, 'cancel');
    const claimed = (await Promise.all([claim(), claim()])).flatMap(({ notification }) => notification ?? []);
    expect(claimed).toHaveLength(1);
    // The process that claimed it dies: the notification is due again when the claim has run out.
    advance(250);
    const { notification: again } = await claim();
    expect(again).toMatchObject({ id: claimed[0]!.id, tries: 2 });
    expect(await settleNotification(ledger, again!, { kind: 'failed' })).toBe('retry');
    expect(await claim()).toEqual({ notification: null, next: 10_000 });
    expect(await settleNotification(ledger, { ...again!, tries: 30 }, { kind: 'failed' })).toBe('given-up');
    expect(await claim()).toEqual({ notification: null, next: null });
  });

  test('get the end of an old job that no API process has seen, although many jobs are newer', async () => {
    const { heard, url } = await startReceiver();
    const { start, id } = await createEndedJob(url, 1_001);
    start();
    await until(() => heard.length === 1);
    expect(JSON.parse(heard[0]!.body)).toMatchObject({ type: 'job.finished', data: { id } });
  });

  test('get the end of an old job if the API restarts while the receiver fails', async () => {
    const { heard, url } = await startReceiver([{ status: 503 }]);
    const { start, id, store } = await createEndedJob(url, 1_001);
    const first = start();
    first.checkJob(id);
    await until(() => heard.length === 1);
    await first.close();
    const read = store.read.bind(store);
    // Longer than the pause after the failure, and than a claim that the closed one did not settle.
    store.read = async (...args) => read(...args).then(({ now, values }) => ({ now: now + 60_000, values }));
    start();
    await until(() => heard.length === 2);
    expect(heard[1]!.headers['webhook-id']).toBe(heard[0]!.headers['webhook-id']);
  });

  test.each(['list', 'read'] as const)(
    'get the end of an old job after a failure of the ledger: %s',
    async (method) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
      onTestFinished(() => void vi.useRealTimers());
      const { heard, url } = await startReceiver();
      const { start, id, store } = await createEndedJob(url, 1_001);
      const { list, read } = store;
      let failures = 0;
      const fail = (): never => {
        failures += 1;
        throw new LedgerUnavailable('gone');
      };
      if (method === 'list') store.list = fail;
      else store.read = async (jobId, fields) => (jobId === id ? fail() : read.call(store, jobId, fields));
      start();
      await until(() => failures === 1);
      Object.assign(store, { list, read });
      await vi.advanceTimersByTimeAsync(60_000);
      await until(() => heard.length === 1);
    },
  );

  test('of a service that cannot sign are refused, as are those with a password or another protocol', async () => {
    const { app } = await startApi();
    const post = async (url: string): Promise<string> =>
      (await call(app, 'POST', '/v1/jobs', { ...externalJob, webhooks: [{ url }] })).body.problems?.[0].pointer;
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

describe('a secret', () => {
  const URL_A = 'https://a.example/hook';
  test('that starts with whsec_ is base64, as the verifiers of the specification read it', () => {
    const now = new Date();
    const signature = signer.sign(URL_A, 'n', now, '{}');
    expect(signature).toBe(new Webhook(secret).sign('n', now, '{}'));
  });

  test('is replaced without a gap: with two of them, receivers that have either verify the signature', () => {
    const next = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const now = new Date();
    const headers = {
      'webhook-id': 'n',
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': createSigner(`${next}\n${secret}\n`).sign(URL_A, 'n', now, '{}'),
    };
    for (const one of [secret, next]) expect(new Webhook(one).verify('{}', headers)).toEqual({});
    expect(() => new Webhook(Buffer.alloc(32, 8).toString('base64')).verify('{}', headers)).toThrow('signature');
  });

  test('of another form is its own key', () => {
    const text = 'a secret of more than 24 characters';
    const now = new Date();
    const receiver = new Webhook(Buffer.from(text).toString('base64'));
    expect(createSigner(text).sign(URL_A, 'n', now, '{}')).toBe(receiver.sign('n', now, '{}'));
  });

  test('of one receiver signs what it gets, and nothing that others get', () => {
    const own = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const now = new Date();
    const signed = createSigner(`${secret}\nhost=B.example ${own}`);
    expect(signed.sign('https://b.example:8443/hook', 'n', now, '{}')).toBe(new Webhook(own).sign('n', now, '{}'));
    for (const url of [URL_A, 'https://x.b.example/hook'])
      expect(signed.sign(url, 'n', now, '{}')).toBe(new Webhook(secret).sign('n', now, '{}'));
  });

  test('for receivers without their own one must be there', () => {
    expect(() => createSigner(`host=b.example ${secret}`)).toThrow('for receivers without their own line host=NAME');
  });

  test.each(['short', 'whsec_c2hvcnQ=', `whsec_${'?'.repeat(40)}`, `whsec_${'A'.repeat(31)}`])(
    'that is too short or not base64 is refused: %s',
    (text) => expect(() => createSigner(text)).toThrow('the webhook secret is not valid'),
  );
});

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(parseRetryAfter('90', now)).toBe(90_000);
  expect(parseRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000);
  expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
  for (const text of [undefined, '', 'soon', '-5x']) expect(parseRetryAfter(text, now)).toBeUndefined();
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
    '[::ffff:0:7f00:1]',
    '[::ffff:0:a9fe:a9fe]',
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
    await expect(send(`http://${host}:9/`, guard)).rejects.toThrow(ForbiddenTarget);
  });

  test.each(reserved)('of the reserved range %s are refused', (range) => {
    const [address] = range.split('/') as [string];
    const host = address.includes(':') ? `[${address}]` : address;
    expect(() => new TargetGuard().checkUrl(`http://${host}/`)).toThrow(ForbiddenTarget);
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
    const { app } = await startApi({ webhooks: { signer, guard: new TargetGuard() } });
    const { status, body } = await call(app, 'POST', '/v1/jobs', {
      ...externalJob,
      webhooks: [{ url: 'http://169.254.169.254/latest/meta-data' }],
    });
    expect([status, body.problems[0].pointer]).toEqual([422, '/webhooks/0/url']);
    expect((await call(app, 'GET', '/v1/jobs')).body.items).toEqual([]);
  });

  test.each([0, 1, 2])('are not reached by a name that has one among its addresses, at place %i', async (place) => {
    const { heard, port } = await startReceiver();
    // The others are allowed, and nobody listens there.
    const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].toSpliced(place, 1, '127.0.0.1');
    const mixed: Resolve = async () => addresses.map((address) => ({ address, family: 4 }));
    const guard = new TargetGuard(['127.0.0.2', '127.0.0.3', '127.0.0.4'], mixed);
    await expect(send(`http://mixed.example:${port}/`, guard)).rejects.toThrow(ForbiddenTarget);
    expect(heard).toEqual([]);
  });

  test('are not reached by a name whose answer changes after it was checked', async () => {
    let lookups = 0;
    const { heard, port } = await startReceiver([], '0.0.0.0');
    const rebinding: Resolve = async () => [{ address: lookups++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }];
    const guard = new TargetGuard(['127.0.0.2'], rebinding);
    expect(await send(`http://rebinding.example:${port}/`, guard)).toMatchObject({ status: 200 });
    expect([lookups, heard[0]!.address]).toEqual([1, '127.0.0.2']);
    await expect(send(`http://rebinding.example:${port}/`, guard)).rejects.toThrow(ForbiddenTarget);
    expect(heard).toHaveLength(1);
  });

  test('are reached by the protocol of the URL, however it is spelled', async () => {
    const { url } = await startReceiver();
    const spelled = url.replace('http:', 'HTTPS:');
    // The receiver speaks no TLS.
    await expect(send(spelled, new TargetGuard(['127.0.0.0/8']))).rejects.toMatchObject({ code: 'EPROTO' });
  });

  test('are not reached through a redirect', async () => {
    const inner = await startReceiver();
    const outer = await startReceiver([{ status: 302, headers: { location: inner.url } }], '127.0.0.2');
    expect(await send(outer.url, new TargetGuard(['127.0.0.0/8']))).toMatchObject({ status: 302 });
    expect([outer.heard.length, inner.heard.length]).toEqual([1, 0]);
  });

  test('can be allowed by range; an invalid range is refused at start', () => {
    expect(() => new TargetGuard(['10.1.0.0/16']).checkUrl('http://10.1.2.3/')).not.toThrow();
    expect(() => new TargetGuard(['10.1.0.0/16']).checkUrl('http://10.2.2.3/')).toThrow(ForbiddenTarget);
    expect(() => new TargetGuard(['fd00::/8']).checkUrl('http://[fd12::1]/')).not.toThrow();
    for (const range of ['example.org', '10.0.0.0/', '::/', '10.0.0.0/8/24', '10.0.0.0/33', '/8', ''])
      expect(() => new TargetGuard([range]), range).toThrow('not an address range');
  });
});
