import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { getQueue, type WorkerRegistry } from '@gradsmith/core/ports';
import type { RedisPorts } from '@gradsmith/redis';
import type { FastifyInstance } from 'fastify';
import type { KeyRing } from '../keys/key-ring.ts';
import { allows } from '../keys/scopes.ts';
import { createProblem } from '../plugins/problems.ts';

/** The types of the adapter belong to another release of Fastify. */
type ServerAdapter = Parameters<typeof createBullBoard>[0]['serverAdapter'];
export type QueueSource = RedisPorts['queues'];

const PATH = '/queues';

/**
 * Shows the message queues of the live workers to administrators, read-only, because only the ledger may change them.
 * Browsers cannot send a bearer key by themselves, so the key is the password of basic authentication.
 */
export async function showQueues(
  app: FastifyInstance,
  queues: QueueSource,
  workers: WorkerRegistry,
  ring: KeyRing | null,
): Promise<void> {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter as unknown as ServerAdapter,
    options: { uiConfig: { boardTitle: 'Gradsmith queues' } },
  });
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      const identity = request.identity ?? ring?.find(readPassword(request.headers.authorization));
      if (!identity || !allows(identity.scopes, 'admin'))
        return reply.code(401).header('www-authenticate', 'Basic realm="an admin key as password"').send('');
      const names = [...new Set((await workers.listLive()).map(getQueue))].sort();
      board.setQueues((await queues(names)).map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })));
      return undefined;
    });
    allowBase(scope);
    answerFailuresWithProblems(scope);
    await scope.register(adapter.registerPlugin() as never, { prefix: PATH });
  });
}

/** The board finds its scripts and styles by a base address, which no other page may set. */
function allowBase(scope: FastifyInstance): void {
  scope.addHook('onSend', async (_request, reply) => {
    const policy = String(reply.getHeader('content-security-policy') ?? '');
    reply.header('content-security-policy', policy.replace("base-uri 'none'", "base-uri 'self'"));
  });
}

function readPassword(authorization = ''): string {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=]{1,600})$/i.exec(authorization) ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

/** Replaces the bodies of refusals and failures, for which the board has its own format. */
function answerFailuresWithProblems(scope: FastifyInstance): void {
  scope.addHook('onSend', async (request, reply, payload) => {
    const { statusCode: status } = reply;
    if (status < 400 || String(reply.getHeader('content-type')).startsWith('application/problem+json')) return payload;
    const { code, detail } = failures.get(status) ?? { code: 'internal', detail: 'the request failed' };
    reply.removeHeader('content-length');
    void reply.type('application/problem+json');
    return JSON.stringify(createProblem(request, { status, code, detail }));
  });
}

const failures = new Map([
  [401, { code: 'unauthorized', detail: 'send an admin key as the password of basic authentication' }],
  [404, { code: 'not-found', detail: 'there is no such queue, message or page' }],
  [405, { code: 'forbidden', detail: 'the queues can only be read' }],
]);
