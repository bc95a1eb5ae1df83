import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeKey } from '../src/index.ts';
import { KeyRing } from '../src/keys/key-ring.ts';
import { startRedisService } from './redis-service.ts';
import { callWith, silent } from './support.ts';

test('the queues are shown to administrators, and nobody can change them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [read, admin] = [makeKey('read'), makeKey('admin')];
  writeFileSync(
    join(folder, 'keys.json'),
    JSON.stringify({
      keys: [
        { id: 'read', hash: read.hash, scopes: ['read'] },
        { id: 'admin', hash: admin.hash, scopes: ['admin'] },
      ],
    }),
  );
  const ring = new KeyRing(join(folder, 'keys.json'), silent);
  onTestFinished(() => ring.close());
  const { app, ports } = await startRedisService({ keys: ring });
  await ports.workers.announce(
    { id: 'w', name: 'w', runtime: 'wasm f32', backend: 'wasm', slots: 1, busy: [] },
    60_000,
  );
  await ports.dispatcher.send({ id: 'job-0-0', jobId: 'job', trialId: '0', queue: 'wasm f32' });
  const as = async (password: string | null, method: 'GET' | 'POST', url: string) =>
    callWith(app, method, url, {
      payload: method === 'POST' ? {} : undefined,
      headers: password === null ? {} : { authorization: `Basic ${btoa(`me:${password}`)}` },
    });
  for (const url of ['/queues', '/queues/api/queues', '/queues/static/favicon.ico']) {
    for (const password of [null, '', 'wrong', read.key]) {
      const { status, headers, body } = await as(password, 'GET', url);
      expect([url, status, String(headers['www-authenticate'])]).toEqual([url, 401, expect.stringContaining('Basic')]);
      expect(headers['content-type']).toContain('application/problem+json');
      expect(body).toMatchObject({ status: 401, code: 'unauthorized', title: 'Unauthorized' });
    }
  }
  const page = await as(admin.key, 'GET', '/queues');
  expect([page.status, String(page.headers['content-type'])]).toEqual([200, expect.stringContaining('text/html')]);
  // The board needs a base address; no other page may set one.
  expect(page.headers['content-security-policy']).toContain("base-uri 'self'");
  expect((await as(admin.key, 'GET', '/')).headers['content-security-policy']).toContain("base-uri 'none'");
  const { body } = await as(admin.key, 'GET', '/queues/api/queues');
  expect(body.queues).toMatchObject([{ name: 'wasm%20f32', counts: { waiting: 1 }, readOnlyMode: true }]);
  for (const act of ['clean/waiting', 'pause', 'empty', 'obliterate', 'm-job-0-0/clean'])
    expectProblem(await as(admin.key, 'POST', `/queues/api/queues/wasm%2520f32/${act}`));
  expectProblem(await as(admin.key, 'GET', '/queues/api/queues/none/none'));
  expect((await as(admin.key, 'GET', '/queues/api/queues')).body.queues[0].counts.waiting).toBe(1);
});

function expectProblem({ status, headers, body }: Awaited<ReturnType<typeof callWith>>): void {
  expect(status).toBeGreaterThanOrEqual(400);
  expect(headers['content-type']).toContain('application/problem+json');
  expect(body).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) });
}
