import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * Gives answers in JSON to GET and HEAD an entity tag of their text, and answers 304 without a body if the client has
 * the same. A route that knows a cheaper tag sets its own. The tags are weak, because a compressed answer has the same
 * one.
 */
export function addEntityTags(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode === 304) return leaveOutBody(request, reply);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    if (!/^\/(?:v1\/|openapi\.json)/.test(request.url) || reply.hasHeader('etag')) return payload;
    const tag = `W/"${createHash('sha1').update(payload).digest('base64url')}"`;
    void reply.header('etag', tag);
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-cache');
    if (!matchesTag(request.headers['if-none-match'], tag)) return payload;
    return leaveOutBody(request, reply.code(304));
  });
}

/**
 * Fastify makes the answer to HEAD of that to GET. It needs a payload for it, and adds the length of a text, which
 * would contradict that of the answer 200 (RFC 9110, 8.6).
 */
function leaveOutBody({ method }: FastifyRequest, reply: FastifyReply): Readable | null {
  void reply.removeHeader('content-type').removeHeader('content-length');
  return method === 'HEAD' ? Readable.from([]) : null;
}

/** Compares as RFC 9110 (13.1.2) requires for `If-None-Match`: strong and weak tags are equal. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  const tags = header?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? [];
  return tags.includes('*') || tags.includes(tag.replace(/^W\//, ''));
}
