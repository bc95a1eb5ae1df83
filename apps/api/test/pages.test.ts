import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { call, callWith, startApi } from './support.ts';

/** A page as Vite builds it, with a secret next to it that no address may reach. */
function builtPage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'dist', 'assets'), { recursive: true });
  writeFileSync(
    join(folder, 'dist', 'index.html'),
    '<!doctype html><script type="module" src="./assets/index-1.js"></script>',
  );
  writeFileSync(join(folder, 'dist', 'assets', 'index-1.js'), 'document.title = 1;');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  return join(folder, 'dist');
}

describe('the web page', () => {
  test('is served with cacheable files, under a policy that forbids inline scripts and style sheets', async () => {
    const { app } = await startApi({ dashboard: builtPage() });
    const page = await call(app, 'GET', '/');
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['cache-control']).toBe('no-cache');
    const script = await call(app, 'GET', '/assets/index-1.js');
    expect([script.status, script.headers['content-type'], script.headers['cache-control']]).toEqual([
      200,
      expect.stringContaining('javascript'),
      'public, max-age=31536000, immutable',
    ]);
    for (const { headers } of [page, script]) {
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'self'");
      expect(/(script-src|default-src|style-src|style-src-elem) [^;]*unsafe/.test(policy)).toBe(false);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await call(app, 'GET', '/v1/jobs')).status).toBe(200);
  });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/assets/index-1.js%00.txt',
    '/.env',
    '/assets/',
  ])('has no address except its files: %s', async (url) => {
    const { app } = await startApi({ dashboard: builtPage() });
    const { status, text } = await call(app, 'GET', url);
    expect([status >= 400 && status < 500, text.includes('secret\n') || text === 'secret']).toEqual([true, false]);
  });

  const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

  test.each([
    ['/workers', './#/workers'],
    ['/new', './#/new'],
    ['/jobs', './#/jobs'],
    ['/compare?jobs=a,b', './#/compare?jobs=a,b'],
    ['/jobs/job_1', '../#/jobs/job_1'],
    ['/jobs/job_1/', '../../#/jobs/job_1/'],
    ['/jobs/job_1/trials', '../../#/jobs/job_1/trials'],
    ['/jobs/job_1/trials/7', '../../../#/jobs/job_1/trials/7'],
  ])('is found by a browser that asks for %s without #', async (url, address) => {
    const { app } = await startApi({ dashboard: builtPage() });
    const { status, headers } = await callWith(app, 'GET', url, { headers: browser });
    expect([status, headers.location]).toEqual([302, address]);
    expect(new URL(address, `http://host/under${url}`).href).toBe(`http://host/under/#${url}`);
  });

  test('leaves other requests for such paths their problem', async () => {
    const { app } = await startApi({ dashboard: builtPage() });
    const expectProblem = async (response: ReturnType<typeof callWith>): Promise<void> => {
      const { status, headers } = await response;
      expect([status, headers['content-type']]).toEqual([404, 'application/problem+json']);
    };
    await expectProblem(call(app, 'GET', '/workers'));
    for (const accept of ['*/*', 'application/json', 'application/problem+json, text/html;q=0.5'])
      await expectProblem(callWith(app, 'GET', '/workers', { headers: { accept } }));
    await expectProblem(callWith(app, 'POST', '/workers', { headers: browser }));
    for (const url of ['/nowhere', '/jobs/a/b/c', '//host/jobs/a', '/jobs//a', '/assets/workers'])
      await expectProblem(callWith(app, 'GET', url, { headers: browser }));
    await expectProblem(callWith((await startApi({ dashboard: null })).app, 'GET', '/workers', { headers: browser }));
  });

  test('has no file that was removed since the start', async () => {
    const folder = builtPage();
    const { app } = await startApi({ dashboard: folder });
    rmSync(join(folder, 'assets', 'index-1.js'));
    expect((await call(app, 'GET', '/assets/index-1.js')).status).toBe(404);
    expect((await call(app, 'POST', '/assets/index-1.js')).status).toBe(405);
  });

  test('that was not built says how to build it', async () => {
    const { app } = await startApi({ dashboard: join(builtPage(), 'nowhere') });
    const { status, text } = await call(app, 'GET', '/');
    expect(status).toBe(404);
    expect(text).toContain('pnpm --filter @gradsmith/dashboard build');
  });
});

describe('the reference', () => {
  test('is a page with files of this service only, without inline scripts', async () => {
    const { app } = await startApi();
    const { status, text } = await call(app, 'GET', '/docs/');
    expect(status).toBe(200);
    const addresses = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses) {
      expect(address).toMatch(/^\.\/static\//);
      expect((await call(app, 'GET', `/docs/${address.slice(2)}`)).status).toBe(200);
    }
    expect([...text.matchAll(/<script(?![^>]*src=)/g)]).toEqual([]);
    expect((await call(app, 'GET', '/docs/json')).body).toEqual((await call(app, 'GET', '/openapi.json')).body);
  });

  test(
    'is OpenAPI 3.1: every call has a summary, its scope, its answers and problem details; every name is ' +
      'defined and used',
    async () => {
      const { app } = await startApi();
      const { body } = await call(app, 'GET', '/openapi.json');
      expect(body.openapi).toBe('3.1.0');
      const operations = Object.entries(body.paths).flatMap(([path, item]) =>
        Object.entries(item as object).map(([method, operation]) => ({ path, method, ...operation })),
      );
      expect(operations.length).toBeGreaterThan(25);
      for (const { path, summary, tags, security, responses } of operations) {
        expect(summary).toBeTypeOf('string');
        expect(body.tags.map(({ name }: { name: string }) => name)).toContain(tags[0]);
        if (path.startsWith('/v1')) expect(security).toHaveLength(1);
        expect(responses.default.$ref).toBe('#/components/responses/Problem');
      }
      const named = new Set(
        [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
      );
      expect([...named].sort()).toEqual(Object.keys(body.components.schemas).sort());
      const schema = { $ref: '#/components/schemas/Problem' };
      for (const response of Object.values(body.components.responses))
        expect(response).toMatchObject({ content: { 'application/problem+json': { schema } } });
      expect(body.paths['/v1/jobs'].post.responses[200].description).toBe('The job existed already');
    },
  );
});
