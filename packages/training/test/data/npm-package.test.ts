import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { withNpmPackage } from '../../src/data/store/npm-package.ts';
import { tar } from './files.ts';

// A registry with one package, so that the tests use the real npm client.
const manifest = { name: 'tiny-data', version: '1.0.0' };
const archive = gzipSync(
  tar({ 'package/package.json': Buffer.from(JSON.stringify(manifest)), 'package/data': Buffer.alloc(5000, 7) }),
);
const sha512 = createHash('sha512').update(archive).digest('base64');
const tiny = { ...manifest, sha512, bytes: archive.length };
let server: Server;
let registry: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/tiny-data') {
      const dist = { tarball: `${registry}/tiny-data.tgz`, integrity: `sha512-${sha512}` };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          name: 'tiny-data',
          'dist-tags': { latest: '1.0.0' },
          versions: { '1.0.0': { ...manifest, dist } },
        }),
      );
    } else if (request.url === '/tiny-data.tgz') response.end(archive);
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
afterEach(() => vi.unstubAllEnvs());

const use = async (path: string) => readFileSync(path);

it("downloads from npm's registry, reports progress and checks the hash", async () => {
  vi.stubEnv('npm_config_registry', registry);
  const progress: number[] = [];
  const bytes = await withNpmPackage('tiny', tiny, { onProgress: ({ bytes }) => progress.push(bytes) }, use);
  expect(bytes.equals(archive)).toBe(true);
  expect(progress.at(-1)).toBe(archive.length);
});

it('refuses an archive with another hash', async () => {
  vi.stubEnv('npm_config_registry', registry);
  await expect(withNpmPackage('tiny', { ...tiny, sha512: 'other' }, {}, use)).rejects.toThrow('has SHA-512');
});

it('says what to do if the registry cannot be reached', async () => {
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9');
  await expect(withNpmPackage('tiny', tiny, {}, use)).rejects.toThrow(/could not be fetched.*--from FOLDER/s);
});

it('stops npm when it is aborted', async () => {
  vi.stubEnv('npm_config_registry', registry);
  await expect(withNpmPackage('tiny', tiny, { signal: AbortSignal.timeout(50) }, use)).rejects.toThrow('abort');
});
