import type { FastifyInstance } from 'fastify';
import { problemKinds, type ProblemKind } from '../plugins/problem-kinds.ts';
import { findTitle } from '../plugins/problem-statuses.ts';

/** Serves a page about each kind of problem, under the address that is its `type`. */
export function serveProblemPages(app: FastifyInstance): void {
  const schema = { hide: true, produces: ['text/html'] };
  app.get('/problems', { schema }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(renderPage('Problems', Object.entries(problemKinds))),
  );
  for (const [code, kind] of Object.entries(problemKinds))
    app.get(`/problems/${code}`, { schema }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(renderPage(code, [[code, kind]])),
    );
}

function renderPage(title: string, kinds: readonly [code: string, kind: ProblemKind][]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
${kinds.map(([code, kind]) => renderKind(code, kind)).join('\n')}
<p><a href="/docs">The API</a></p>
</html>
`;
}

function renderKind(code: string, { status, meaning, remedy }: ProblemKind): string {
  return `<h1>${code}</h1>
<p>${status} ${findTitle(status)}. ${markCode(meaning)}.</p>
<p>What to do: ${markCode(remedy)}.</p>`;
}

function markCode(text: string): string {
  return text.replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
