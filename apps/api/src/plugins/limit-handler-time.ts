import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';

/**
 * Applies `handlerTimeout` to requests with a body, too, from the arrival of the body. Fastify's own timer ends with
 * the request's event `close`, which Node emits once the body has been read.
 */
export function limitHandlerTime(app: FastifyInstance): void {
  const answering = new WeakSet<FastifyRequest>();
  app.addHook('preValidation', async (request, reply) => {
    const { handlerTimeout: ms, url } = request.routeOptions as { handlerTimeout?: number; url?: string };
    if (!ms || request.body === undefined) return;
    const timer = setTimeout(() => {
      // Fastify sends an answer twice if it is asked for a second one before the first has been written.
      if (reply.sent || reply.raw.headersSent || answering.has(request)) return;
      void reply.send(new errorCodes.FST_ERR_HANDLER_TIMEOUT(String(ms), url));
    }, ms).unref();
    reply.raw.once('close', () => clearTimeout(timer));
  });
  app.addHook('onSend', async (request) => void answering.add(request));
}
