import type { FastifyInstance } from 'fastify';

interface Route {
  methods: readonly string[];
  pattern: RegExp;
}

/** Collects the routes of the app, and returns a function that lists the methods of a path; none: it is unknown. */
export function collectMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    routes.push({ methods: [method].flat(), pattern: createPattern(url) });
  });
  return (path) => {
    const methods = routes.flatMap((route) => (route.pattern.test(path) ? route.methods : []));
    return [...new Set(methods)].sort();
  };
}

/** Returns the pattern of a route's paths, such as `/v1/jobs/:id`. */
function createPattern(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${parts.join('/')}$`);
}
