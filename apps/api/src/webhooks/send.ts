import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { DeliveryResult } from '@gradsmith/core/notifications';
import type { TargetGuard } from './guard.ts';
import type { Signer } from './sign.ts';

const TIMEOUT_MS = 10_000;
const GONE = 410;

export interface WebhookMessage {
  url: string;
  /** The same for every try at the same notification. */
  id: string;
  body: string;
}

export interface SendSettings {
  signer: Signer;
  guard: TargetGuard;
}

export interface WebhookAnswer {
  status: number;
  /** The pause that the receiver asks for, by `Retry-After`. */
  retryAfterMs?: number;
}

/**
 * Posts a message once, signed by the Standard Webhooks specification. Redirects are not followed, so that none can
 * lead to an address that the guard forbids. The body of the answer is not read.
 *
 * @throws ForbiddenTarget, or the error of the connection
 */
export async function sendMessage(
  { url, id, body }: WebhookMessage,
  { signer, guard }: SendSettings,
  signal?: AbortSignal,
): Promise<WebhookAnswer> {
  guard.checkUrl(url);
  const now = new Date();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const request = new URL(url).protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      // Without an agent each message has its own connection. One that is kept alive would skip the guard's look-up.
      agent: false,
      lookup: guard.lookup,
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'gradsmith',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': signer.sign(url, id, now, body),
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      resolve(readAnswer(response, now.getTime()));
      response.destroy();
    });
    sent.end(body);
  });
}

/** Any 2xx status is a success. After 410 Gone, nothing is sent again. Every other answer is a failure. */
export function toDeliveryResult({ status, retryAfterMs }: WebhookAnswer): DeliveryResult {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === GONE) return { kind: 'gone' };
  return { kind: 'failed', retryAfterMs };
}

function readAnswer({ statusCode = 0, headers }: IncomingMessage, now: number): WebhookAnswer {
  return { status: statusCode, retryAfterMs: parseRetryAfter(headers['retry-after'], now) };
}

/** Reads `Retry-After`: seconds or an HTTP date. Returns undefined for anything else. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(pause) ? Math.max(0, pause) : undefined;
}
