import type { FastifyInstance } from 'fastify';

interface Route {
  methods: readonly string[];
  pattern: RegExp;
}

/**
 * Collects the routes of the app, and returns a function that lists the methods of a path; none: it is unknown. A path
 * without parameters has only its own methods, even if it has the form of another one: `/v1/jobs/import` is no job.
 */
export function collectMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: Route[] = [];
  const fixed = new Map<string, readonly string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const methods = [method].flat();
    if (url.includes(':')) routes.push({ methods, pattern: createPattern(url) });
    else fixed.set(url, [...(fixed.get(url) ?? []), ...methods]);
  });
  return (path) => {
    const methods = fixed.get(path) ?? routes.flatMap((route) => (route.pattern.test(path) ? route.methods : []));
    return [...new Set(methods)].sort();
  };
}

/** Returns the pattern of a route's paths, such as `/v1/jobs/:id`. */
function createPattern(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${parts.join('/')}$`);
}
