import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { TargetGuard } from './guard.ts';

const TIMEOUT_MS = 10_000;

export interface Delivery {
  url: string;
  /** The same for every try at the same notice. */
  id: string;
  body: string;
}

/** The signature of the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body`, base64, `v1,` before it. */
function sign(secret: string, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/**
 * Posts once and resolves to the status. Redirects are not followed, so one cannot lead where the guard forbids; the
 * answer's body is not read. Throws ForbiddenTarget, or the connection's error.
 */
export async function deliver(
  { url, id, body }: Delivery,
  secret: string,
  guard: TargetGuard,
  signal?: AbortSignal,
): Promise<number> {
  guard.checkUrl(url);
  const timestamp = Math.floor(Date.now() / 1000);
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const bounded = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]);
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      // A connection of its own: one that is kept would skip the look-up.
      agent: false,
      lookup: guard.lookup,
      signal: bounded,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'gradsmith',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': sign(secret, id, timestamp, body),
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    sent.end(body);
  });
}
