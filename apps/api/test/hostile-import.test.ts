import { readFileSync } from 'node:fs';
import { retireJobs, type JobDocument } from '@gradsmith/core/jobs';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { call, externalJob, startApi, type TestApi } from './support.ts';

const version1 = JSON.parse(
  readFileSync(new URL('../../../packages/testing/fixtures/exported-job-v1.json', import.meta.url), 'utf8'),
) as { spec: { webhooks?: string[] } };
// These services sign no webhooks.
delete version1.spec.webhooks;

type Path = (string | number)[];

const numbers = [-1, 0.5, 1e308, -1e308, 5e-324, 8_640_000_000_000_001, 9e15, 253_402_300_800_000, 2 ** 53 - 1];
const texts = [
  '',
  '../../../../pwned',
  'a\nb',
  '<b>&"',
  '\u0000',
  '\ud800',
  'x'.repeat(20_000),
  '__proto__',
  'constructor',
];
const hostile: unknown[] = [...numbers, ...texts, null, true, [], {}, [[]], { constructor: 1 }];

/** Paths of all values in the document that are no objects, and of all fields: each is replaced and removed. */
function* listPaths(value: unknown, path: Path = []): Generator<Path> {
  if (path.length) yield path;
  if (typeof value !== 'object' || value === null) return;
  // One element stands for all of an array.
  const entries = Array.isArray(value) ? value.slice(0, 1).entries() : Object.entries(value);
  for (const [key, child] of entries) yield* listPaths(child, [...path, key]);
}

function replaceAt(document: JobDocument, path: Path, value: unknown): JobDocument {
  const copy = structuredClone(document);
  let parent = copy as unknown as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  parent[path.at(-1)!] = value;
  return copy;
}

/** Every address of the API that reads one job, or lists jobs. */
async function listReadUrls(app: FastifyInstance): Promise<string[]> {
  const { body } = await call(app, 'GET', '/openapi.json');
  const paths = Object.entries(body.paths as Record<string, object>)
    .filter(([path, item]) => 'get' in item && path.startsWith('/v1/jobs') && !path.endsWith('/events'))
    .map(([path]) => path);
  return [...paths, '/v1/jobs?sort=name', '/v1/jobs?sort=-best', '/v1/jobs?sort=settled'];
}

async function expectReadable({ app, ledger }: TestApi, id: string, urls: string[]): Promise<void> {
  for (const url of urls) {
    const { status, text } = await call(app, 'GET', url.replace('{id}', id).replace('{trial}', '0'));
    expect(status, `${url}: ${text.slice(0, 500)}`).toBeLessThan(500);
  }
  const archived: string[] = [];
  await retireJobs(ledger, { keepMs: 1e15, archive: async (jobId) => void archived.push(jobId) });
}

describe('an imported document', () => {
  test('can be read in every way and deleted if it is accepted, whatever one of its values is', async () => {
    const api = await startApi({ perMinute: 1e9 });
    const { app } = api;
    const bystander = (await call(app, 'POST', '/v1/jobs', externalJob)).body.id as string;
    const first = await call(app, 'POST', '/v1/jobs/import', version1);
    expect(first.status, first.text).toBe(201);
    const imported = first.body.id as string;
    const document = (await call(app, 'GET', `/v1/jobs/${imported}/export`)).body as JobDocument;
    const urls = await listReadUrls(app);
    expect(urls.length).toBeGreaterThan(10);
    await expectReadable(api, imported, urls);
    await call(app, 'DELETE', `/v1/jobs/${imported}`);

    const paths = [...listPaths(document)];
    let accepted = 0;
    for (const path of paths) {
      for (const value of hostile) {
        const what = `${path.join('/')} = ${JSON.stringify(value).slice(0, 40)}`;
        const { status, body, text } = await call(app, 'POST', '/v1/jobs/import', replaceAt(document, path, value));
        expect(status, `${what}: ${text.slice(0, 500)}`).toBeLessThan(500);
        if (status >= 300) continue;
        accepted += 1;
        await expectReadable(api, body.id as string, urls).catch((error: Error) => {
          throw new Error(`after ${what}: ${error.message}`);
        });
        const extended = await call(app, 'POST', `/v1/jobs/${body.id}/extend`, { trials: 100 });
        expect(extended.status, `${what}: ${extended.text}`).toBeLessThan(500);
        expect((await call(app, 'DELETE', `/v1/jobs/${body.id}`)).status, what).toBe(204);
      }
    }
    expect(accepted).toBeGreaterThan(50);
    expect((await call(app, 'GET', '/v1/jobs')).body).toMatchObject({ items: [{ id: bystander }], unreadable: [] });
  }, 300_000);

  test.each(['', '../../../../pwned', 'job_0000000000000000000\n', 'job_<b>', 'JOB_00000000000000000000'])(
    'with the id %j is refused',
    async (id) => {
      const { app } = await startApi();
      const document = structuredClone(version1) as unknown as JobDocument;
      document.job.id = id;
      const { status, body } = await call(app, 'POST', '/v1/jobs/import', document);
      expect(status).toBe(422);
      expect(body.problems).toEqual([
        { in: 'body', pointer: '/job/id', message: expect.stringContaining('must be a job id') },
      ]);
    },
  );
});

test('a document with a time that ISO 8601 cannot represent is refused', async () => {
  const { app } = await startApi();
  for (const path of [
    ['job', 'createdAt'],
    ['job', 'startedAt'],
    ['job', 'endedAt'],
    ['trials', 0, 'createdAt'],
  ]) {
    for (const time of [-1, 253_402_300_800_000, 8_640_000_000_000_001, 9e15]) {
      const document = replaceAt(version1 as unknown as JobDocument, path, time);
      const { status, body } = await call(app, 'POST', '/v1/jobs/import', document);
      expect([path, time, status]).toEqual([path, time, 422]);
      expect(body.problems).toContainEqual(expect.objectContaining({ pointer: expect.stringMatching(/At$/) }));
    }
  }
});

describe('a job whose records cannot be read', () => {
  test('is named by the list, hides no other job, and can be deleted', async () => {
    const { app, store } = await startApi();
    const [first, broken, last] = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => (await call(app, 'POST', '/v1/jobs', { ...externalJob, name })).body.id),
    );
    for (const [field, text] of [
      ['job', '{'],
      ['spec', 'no JSON'],
      ['job', '{"schema":2}'],
      ['spec', '{}'],
      ['spec', '[]'],
    ] as const) {
      const { values } = await store.read(broken, [field]);
      await store.commit(broken, { expected: [], writes: [[field, text]] });
      for (const sort of ['-createdAt', 'createdAt', 'name', '-best']) {
        const { status, body } = await call(app, 'GET', `/v1/jobs?sort=${sort}`);
        expect(status).toBe(200);
        expect(body.items.map(({ id }: { id: string }) => id).sort()).toEqual([first, last].sort());
        expect(body.unreadable).toEqual([broken]);
      }
      expect((await call(app, 'GET', '/metrics')).status).toBe(200);
      await store.commit(broken, { expected: [], writes: [[field, values[0]!]] });
    }
    await store.commit(broken, { expected: [], writes: [['job', '{']] });
    expect((await call(app, 'DELETE', `/v1/jobs/${broken}`)).status).toBe(204);
    expect((await call(app, 'GET', '/v1/jobs')).body.unreadable).toEqual([]);
  });
});
