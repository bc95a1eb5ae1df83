import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

/**
 * Serves the built web page at `/`. Only files that exist at start are served, so no request names a path on disk. If
 * the page has not been built, `/` says how to build it.
 */
export async function serveDashboard(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, async (_request, reply) =>
      reply.code(404).type('text/html; charset=utf-8').send(notBuilt),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    decorateReply: false,
    cacheControl: false,
    // Vite puts a digest of the content into every name but the index's.
    setHeaders: (reply, path) =>
      void reply.header('cache-control', path.endsWith('.html') ? 'no-cache' : 'public, max-age=31536000, immutable'),
  });
}

/** Paths of the pages, which follow `#` in their address. */
const pagePath = /^\/(?:jobs(?:\/[^/]+(?:\/[a-z]+|\/trials\/[^/]+)?)?|compare|new|workers)\/?$/;

/**
 * Returns the address of the page that a browser asks for without `#`, relative to the path of the request: a proxy may
 * serve this service under another path. Null for any other request.
 */
export function findPageAddress({ method, url, headers }: FastifyRequest): string | null {
  const path = url.split('?')[0]!;
  if (method !== 'GET' || !pagePath.test(path)) return null;
  // A program that takes anything gets the problem.
  const types = ['application/problem+json', 'text/html'];
  if (new Negotiator({ headers }).mediaType(types) !== 'text/html') return null;
  return `${'../'.repeat(path.split('/').length - 2) || './'}#${url}`;
}

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Gradsmith</title>
<h1>Gradsmith</h1>
<p>The service runs, but its web page has not been built. Build it in the repository and start the service again:</p>
<pre>pnpm --filter @gradsmith/dashboard build</pre>
<p>The REST API serves everything that the page shows:
  <a href="docs">its reference</a>, <a href="openapi.json">openapi.json</a>.</p>
</html>
`;
