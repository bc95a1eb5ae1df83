import { GradsmithError } from '@gradsmith/core/domain';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Time for the body of a request to arrive, ms. Absent: that of all routes. */
    bodyMs?: number;
  }
}

class RequestTimedOut extends GradsmithError {
  constructor(ms: number) {
    super(`the body did not arrive within ${ms / 1_000} s; send it faster`, 'request-timeout', { retryable: true });
  }
}

/**
 * Closes the connection of a request whose body has not arrived in time, also after an early answer such as 401. Node
 * has one limit for all routes only, and Fastify answers a slow request without closing its connection.
 */
export function limitBodyTime(app: FastifyInstance, defaultMs: number): void {
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request;
    const { headers } = raw;
    if (headers['transfer-encoding'] === undefined && !Number(headers['content-length'])) return;
    const ms = request.routeOptions.config?.bodyMs ?? defaultMs;
    const timer = setTimeout(() => {
      if (raw.complete || raw.readableEnded) return;
      if (reply.sent) return void raw.destroy();
      // With this header, Node closes the connection after the answer.
      void reply.header('connection', 'close').send(new RequestTimedOut(ms));
    }, ms).unref();
    for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer));
  });
}
