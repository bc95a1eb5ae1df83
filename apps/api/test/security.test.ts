import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decideAccess, makeKey } from '../src/index.ts';
import { KeyRing } from '../src/keys/key-ring.ts';
import { anyone } from '../src/plugins/authenticate.ts';
import { describeCaller } from '../src/plugins/protect.ts';
import { call, callWith, externalJob, silent, startApi } from './support.ts';

type Entry = { id: string; hash: string; scopes: string[]; perMinute?: number };

/** A key file with one key for each scope, and the keys. */
function writeKeyFile() {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys.json');
  const keys: Record<string, string> = {};
  const entries: Entry[] = ['read', 'write', 'admin'].map((scope) => {
    const { key, hash } = makeKey(scope);
    keys[scope] = key;
    return { id: scope, hash, scopes: [scope] };
  });
  const write = (list: readonly Entry[] | string): void =>
    writeFileSync(file, typeof list === 'string' ? list : JSON.stringify({ keys: list }));
  write(entries);
  return { file, keys, entries, write };
}

function openKeyRing(file: string): KeyRing {
  const ring = new KeyRing(file, silent);
  onTestFinished(() => ring.close());
  return ring;
}

async function startWithKeys(change: (entry: Entry) => Entry = (entry) => entry) {
  const { file, keys, entries, write } = writeKeyFile();
  write(entries.map(change));
  const ring = openKeyRing(file);
  const api = await startApi({ keys: ring });
  const as = async (key: string, method: 'GET' | 'POST' | 'DELETE', url: string, body?: object) =>
    callWith(api.app, method, url, { payload: body, headers: { authorization: `Bearer ${key}` } });
  return { ...api, ring, keys, entries, write, as };
}

test('limits a key by its id, also one with the id anyone, and only a service without keys by address', () => {
  const ip = '10.0.0.1';
  expect(describeCaller({ identity: { id: 'anyone', scopes: ['read'] }, ip })).toBe('key anyone');
  expect(describeCaller({ identity: anyone, ip })).toBe('address 10.0.0.1');
  expect(describeCaller({ identity: null, ip })).toBe('address 10.0.0.1');
});

describe('keys', () => {
  test('have separate idempotency keys: no caller reads or blocks the job of another', async () => {
    const { app, keys } = await startWithKeys();
    const create = async (key: string, name: string) =>
      callWith(app, 'POST', '/v1/jobs', {
        payload: { ...externalJob, name },
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'nightly' },
      });
    const first = await create(keys.write!, 'mine');
    const other = await create(keys.admin!, 'theirs');
    expect([first.status, other.status]).toEqual([201, 201]);
    expect(other.body.id).not.toBe(first.body.id);
    const again = await create(keys.write!, 'mine');
    expect([again.status, again.body.id]).toEqual([200, first.body.id]);
  });

  test('have separate idempotency keys for points, too', async () => {
    const { app, keys, as } = await startWithKeys();
    const { body } = await as(keys.write!, 'POST', '/v1/jobs', externalJob);
    const enqueue = async (key: string, depth: number) =>
      callWith(app, 'POST', `/v1/jobs/${body.id}/trials`, {
        payload: { point: { depth, share: 0.5, criterion: 'gini' } },
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'first' },
      });
    const answers = [await enqueue(keys.write!, 7), await enqueue(keys.admin!, 8), await enqueue(keys.write!, 7)];
    expect(answers.map(({ status, body }) => [status, body.key, body.ahead])).toEqual([
      [202, 'first', 0],
      [202, 'first', 1],
      [200, 'first', 0],
    ]);
  });

  test('do not tell the id of a job: no caller imports a job under the id of another caller’s key', async () => {
    const { app, keys, as } = await startWithKeys();
    const ids = ['nightly', JSON.stringify(['write', 'nightly'])].map(
      (text) => `job_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`,
    );
    const { body } = await as(keys.admin!, 'POST', '/v1/jobs', externalJob);
    await as(keys.admin!, 'POST', `/v1/jobs/${body.id}/cancel`);
    const { body: document } = await as(keys.read!, 'GET', `/v1/jobs/${body.id}/export`);
    for (const id of ids) {
      const foreign = { ...document, job: { ...document.job, id } };
      expect((await as(keys.admin!, 'POST', '/v1/jobs/import', foreign)).status).toBe(201);
    }
    const created = await callWith(app, 'POST', '/v1/jobs', {
      payload: externalJob,
      headers: { authorization: `Bearer ${keys.write}`, 'idempotency-key': 'nightly' },
    });
    expect(created.status).toBe(201);
    expect(ids).not.toContain(created.body.id);
  });

  test('allow what their scope allows and nothing more', async () => {
    const { as, keys } = await startWithKeys();
    const tryAll = async (key: string): Promise<number[]> => {
      const { status: created, body } = await as(key, 'POST', '/v1/jobs', externalJob);
      const id = body.id ?? 'job_00000000000000000000';
      return [
        (await as(key, 'GET', '/v1/jobs')).status,
        created,
        (await as(key, 'POST', `/v1/jobs/${id}/cancel`)).status,
        (await as(key, 'DELETE', `/v1/jobs/${id}`)).status,
      ];
    };
    expect(await tryAll(keys.read!)).toEqual([200, 403, 403, 403]);
    expect(await tryAll(keys.write!)).toEqual([200, 201, 200, 403]);
    expect(await tryAll(keys.admin!)).toEqual([200, 201, 200, 204]);
  });

  test.each<[string, (key: string) => Record<string, string>]>([
    ['none', () => ({})],
    ['an empty one', () => ({ authorization: 'Bearer ' })],
    ['one with another secret', (key) => ({ authorization: `Bearer ${key.slice(0, -4)}AAAA` })],
    ['one of another id', (key) => ({ authorization: `Bearer ${key.replace('gs_admin', 'gs_other')}` })],
    ['one with something behind it', (key) => ({ authorization: `Bearer ${key}x` })],
    ['one that is too long', (key) => ({ authorization: `Bearer ${key.repeat(10)}` })],
    ['one as basic authentication', (key) => ({ authorization: `Basic ${btoa(`x:${key}`)}` })],
    ['one in the wrong header', (key) => ({ 'x-api-key': key })],
    ['a hash from the file', () => ({ authorization: `Bearer gs_admin_${'0'.repeat(43)}` })],
    ['the name of a property every object has', () => ({ authorization: `Bearer gs_constructor_${'0'.repeat(43)}` })],
  ])('%s is refused, with a hint', async (_, headers) => {
    const { app, keys } = await startWithKeys();
    for (const url of [
      '/v1/jobs',
      '/v1/workers',
      '/v1/jobs/job_00000000000000000000/status',
      `/v1/jobs?key=${keys.admin}`,
    ]) {
      const { status, headers: answered, body } = await callWith(app, 'GET', url, { headers: headers(keys.admin!) });
      expect(status).toBe(401);
      expect(answered['www-authenticate']).toBe('Bearer');
      expect(body).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('Authorization: Bearer') });
    }
  });

  test('are required by every route except health and the description', async () => {
    const { app } = await startWithKeys();
    const { paths } = (await call(app, 'GET', '/openapi.json')).body;
    const open: string[] = [];
    for (const [path, operations] of Object.entries(paths as Record<string, object>)) {
      for (const method of Object.keys(operations)) {
        const url = path.replace('{id}', 'job_00000000000000000000').replace('{trial}', '0');
        const { status } = await call(app, method.toUpperCase() as 'GET', url, method === 'post' ? {} : undefined);
        if (status !== 401) open.push(`${method} ${path}`);
      }
    }
    expect(open.sort()).toEqual(['get /healthz', 'get /readyz']);
  });

  test('are replaced without a restart; a broken file leaves the old ones', async () => {
    const { as, ring, keys, entries, write } = await startWithKeys();
    const fresh = makeKey('read');
    write([...entries.filter(({ id }) => id !== 'read'), { id: 'read', hash: fresh.hash, scopes: ['read'] }]);
    ring.reload();
    expect((await as(keys.read!, 'GET', '/v1/jobs')).status).toBe(401);
    expect((await as(fresh.key, 'GET', '/v1/jobs')).status).toBe(200);
    write('{"keys": [');
    ring.reload();
    expect((await as(fresh.key, 'GET', '/v1/jobs')).status).toBe(200);
    write([]);
    ring.reload();
    expect((await as(fresh.key, 'GET', '/v1/jobs')).status).toBe(401);
  });

  test('are stored as hashes only, each different', () => {
    const { entries, keys } = writeKeyFile();
    for (const { hash } of entries) {
      expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(Object.values(keys).join()).not.toContain(hash.slice(7));
    }
    expect(new Set(entries.map(({ hash }) => hash)).size).toBe(3);
  });

  test('are refused in the same time whatever is wrong with them', () => {
    const { file, keys } = writeKeyFile();
    const ring = openKeyRing(file);
    const flipped = (at: number): string => {
      const key = keys.admin!;
      const to = key[at] === 'A' ? 'B' : 'A';
      return key.slice(0, at) + to + key.slice(at + 1);
    };
    const tried = [
      flipped('gs_admin_'.length),
      flipped(keys.admin!.length - 1),
      keys.admin!.replace('gs_admin', 'gs_nobody'),
    ];
    const fastest = tried.map(() => Infinity);
    // The fastest of many, in turn, because other programs slow down single tries.
    for (let round = 0; round < 3_000; round++) {
      tried.forEach((key, i) => {
        const start = process.hrtime.bigint();
        if (ring.find(key)) throw new Error('a wrong key was taken');
        fastest[i] = Math.min(fastest[i]!, Number(process.hrtime.bigint() - start));
      });
    }
    expect(Math.max(...fastest) / Math.min(...fastest)).toBeLessThan(1.5);
  });

  test('an invalid file is refused at start, with the place of the fault', () => {
    const { file, entries, write } = writeKeyFile();
    for (const [content, place] of [
      ['nonsense', 'cannot be read'],
      ['{"keys":[{"id":"a"}]}', 'keys[0].hash'],
      [JSON.stringify({ keys: [entries[0], entries[0]] }), 'occurs twice'],
      [JSON.stringify({ keys: [{ ...entries[0], hash: 'plain' }] }), 'keys[0].hash'],
    ] as const) {
      write(content);
      expect(() => new KeyRing(file, silent)).toThrow(place);
    }
    expect(() => new KeyRing(`${file}.none`, silent)).toThrow('cannot be read');
  });
});

describe('access', () => {
  test('without keys is possible on loopback only, with a warning', () => {
    const warnings: string[] = [];
    const log = { ...silent, warn: (_fields: object, message: string) => void warnings.push(message) };
    for (const host of ['127.0.0.1', '127.8.8.8', 'localhost', '::1'])
      expect(decideAccess({ host }, log)).toEqual({ keys: null, hostNames: [] });
    expect(warnings).toHaveLength(4);
    expect(warnings[0]).toMatch(/^OPEN/);
    for (const host of ['0.0.0.0', '::', '192.168.1.7', 'example.org', '127.example.org']) {
      expect(() => decideAccess({ host }, log)).toThrow('refusing to start');
      expect(() => decideAccess({ host, mode: 'open' }, log)).toThrow('GRADSMITH_AUTH=open-behind-proxy');
    }
    expect(decideAccess({ host: '0.0.0.0', mode: 'open-behind-proxy' }, log)).toEqual({ keys: null, hostNames: null });
    expect(decideAccess({ host: '0.0.0.0', mode: 'open-behind-proxy', hostNames: ['api'] }, silent)).toEqual({
      keys: null,
      hostNames: ['api'],
    });
    expect(warnings).toHaveLength(5);
  });

  test('with keys needs a key file, and a key file that would not be used is an error', () => {
    const { file } = writeKeyFile();
    expect(() => decideAccess({ host: '0.0.0.0', mode: 'keys' }, silent)).toThrow('GRADSMITH_KEYS_FILE');
    expect(() => decideAccess({ host: '127.0.0.1', mode: 'open', keysFile: file }, silent)).toThrow(
      'would not be used',
    );
    const { keys } = decideAccess({ host: '0.0.0.0', keysFile: file }, silent);
    onTestFinished(() => keys!.close());
    expect(keys).toBeInstanceOf(KeyRing);
  });

  test('from a page of another site, or under another host name, is refused', async () => {
    const { app } = await startApi({ hostNames: ['search.example'] });
    expect(
      (await callWith(app, 'POST', '/v1/jobs', { payload: externalJob, headers: { 'sec-fetch-site': 'cross-site' } }))
        .status,
    ).toBe(403);
    expect((await callWith(app, 'GET', '/v1/jobs', { headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await callWith(app, 'GET', '/v1/jobs', { headers: { host: '127.0.0.1.evil.example:80' } })).status).toBe(
      403,
    );
    expect((await callWith(app, 'GET', '/v1/jobs', { headers: { host: 'evil.search.example' } })).status).toBe(403);
    // Headers that a page can set have no effect.
    expect(
      (await callWith(app, 'GET', '/v1/jobs', { headers: { host: 'evil.example', 'x-forwarded-host': 'localhost' } }))
        .status,
    ).toBe(403);
    for (const host of ['127.0.0.1:8080', 'LOCALHOST:8080', '[::1]:8080', 'search.example', 'Search.example:443']) {
      expect((await callWith(app, 'GET', '/v1/jobs', { headers: { host } })).status, host).toBe(200);
    }
    expect(
      (await callWith(app, 'POST', '/v1/jobs', { payload: externalJob, headers: { 'sec-fetch-site': 'same-origin' } }))
        .status,
    ).toBe(201);
  });
});

describe('limits', () => {
  test('are those of the key or of the service, and are counted for each key', async () => {
    const { as, app, keys } = await startWithKeys((entry) =>
      entry.id === 'read' ? { ...entry, perMinute: 3 } : entry,
    );
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await as(keys.read!, 'GET', '/v1/jobs')).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const { headers, body } = await as(keys.read!, 'GET', '/v1/workers');
    expect(body).toMatchObject({
      status: 429,
      code: 'too-many-requests',
      detail: expect.stringContaining('3 requests'),
    });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect((await as(keys.write!, 'GET', '/v1/jobs')).status).toBe(200);
    expect((await call(app, 'GET', '/healthz')).status).toBe(200);
  });

  test('apply to callers who try keys, too', async () => {
    const { file } = writeKeyFile();
    const { app } = await startApi({ keys: openKeyRing(file), perMinute: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i++)
      statuses.push(
        (
          await callWith(app, 'GET', '/v1/jobs', {
            headers: { authorization: `Bearer gs_admin_${'A'.repeat(42)}${i}` },
          })
        ).status,
      );
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe('answers', () => {
  test('have headers that restrict browsers', async () => {
    const { app } = await startApi();
    for (const url of ['/v1/jobs', '/nothing', '/healthz']) {
      const { headers } = await call(app, 'GET', url);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe-eval');
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  test('to an internal error have the request id and not the cause', async () => {
    const { app, logged } = await startApi(
      {},
      (store) =>
        ({
          ...store,
          find: async () => {
            throw new Error('password=hunter2 in /etc/secret');
          },
        }) as typeof store,
    );
    const { status, body } = await call(app, 'GET', '/v1/jobs');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/hunter2|secret|at .*\.ts/);
    expect(logged()).toContain(body.instance);
  });
});

describe('the log', () => {
  test('has no keys and no cookies, whoever logs the request', async () => {
    const { app, as, keys, logged } = await startWithKeys();
    app.get('/log-all', async (request) => {
      request.log.info({ req: { headers: request.headers }, headers: request.headers }, 'everything');
      return {};
    });
    const cookie = 'session=s3cr3tc00kie';
    await callWith(app, 'GET', '/log-all', { headers: { authorization: `Bearer ${keys.admin}`, cookie } });
    await as(keys.read!, 'POST', '/v1/jobs', externalJob);
    await as(keys.admin!, 'POST', '/v1/jobs', { broken: true });
    expect(logged()).toContain('"everything"');
    expect(logged()).toContain('[redacted]');
    // A secret may itself contain '_', so it's cut off by its prefix's length.
    const secrets = Object.entries(keys).map(([id, key]) => key.slice(`gs_${id}_`.length));
    expect(secrets.every((secret) => secret.length === 43)).toBe(true);
    for (const secret of [...secrets, 's3cr3tc00kie']) expect(logged()).not.toContain(secret);
    expect(logged()).toContain('"key":"read"');
  });

  test('has request, job and trial ids', async () => {
    const { app, logged } = await startApi();
    const { body } = await call(app, 'POST', '/v1/jobs', externalJob);
    const lines = logged()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.find(({ msg }) => msg === 'job recorded')).toMatchObject({
      job: body.id,
      reqId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });
});
