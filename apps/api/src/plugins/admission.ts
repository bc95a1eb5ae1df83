import { Busy } from '@gradsmith/core/domain';
import type { FastifyReply, preParsingAsyncHookHandler } from 'fastify';

/**
 * Returns a hook that admits a bounded number of requests at once, from their authorization to the end of their answer.
 * Others are answered 503 with Retry-After, before their body is read.
 *
 * @param what what the requests do, for the message: `exports`
 */
export function admitAtMost(max: number, what: string): preParsingAsyncHookHandler {
  const admitted = new Set<FastifyReply>();
  return async (_request, reply, payload) => {
    if (admitted.size >= max) throw new Busy(`this service runs ${max} ${what} at once; try again in a moment`);
    admitted.add(reply);
    reply.raw.once('close', () => admitted.delete(reply));
    return payload;
  };
}
