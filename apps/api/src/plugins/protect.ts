import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { GradsmithError } from '@gradsmith/core/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { anyone } from './authenticate.ts';

class TooManyRequests extends GradsmithError {
  constructor(max: number, after: string) {
    super(`more than ${max} requests in a minute; try again in ${after}`, 'too-many-requests', { retryable: true });
  }
}

/** Limits requests by key, or by address without a key. Each replica counts its own requests. */
export async function limitRate(app: FastifyInstance, perMinute: number): Promise<void> {
  await app.register(rateLimit, {
    timeWindow: 60_000,
    max: (request) => request.identity?.perMinute ?? perMinute,
    keyGenerator: describeCaller,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { max, after }) => new TooManyRequests(max, after),
  });
}

/** Returns whose request it is, for limits: a key, or an address without a key. */
export function describeCaller({ identity, ip }: Pick<FastifyRequest, 'identity' | 'ip'>): string {
  return identity && identity !== anyone ? `key ${identity.id}` : `address ${ip}`;
}

/** Adds headers that keep browsers from doing more with an answer than showing it. */
export async function addSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'"],
        // A browser edits text with style attributes, which can hardly do harm: they have no selectors.
        styleSrcAttr: ["'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Whether there is TLS, and for which names, only the proxy before the service knows.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
}
