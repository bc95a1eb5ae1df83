import { GradsmithError } from '@gradsmith/core/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Identity, KeyRing } from '../keys/key-ring.ts';
import { allows } from '../keys/scopes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: no key, or one that is not known. */
    identity: Identity | null;
  }
}

/** Everyone who reaches a service without keys. */
export const anyone: Identity = { id: 'anyone', scopes: ['admin'] };

class Unauthorized extends GradsmithError {
  constructor() {
    super('send a key that this service knows, as the header Authorization: Bearer gs_…', 'unauthorized');
  }
}

class Forbidden extends GradsmithError {
  constructor(message: string) {
    super(message, 'forbidden');
  }
}

/** Identifies the sender of each request before anything else. Without a key ring everyone may do everything. */
export function identify(app: FastifyInstance, ring: KeyRing | null): void {
  app.decorateRequest('identity', null);
  app.addHook('onRequest', async (request, reply) => {
    request.identity = ring ? ring.find(readBearerToken(request)) : anyone;
    if (request.identity) reply.log = request.log = request.log.child({ key: request.identity.id });
  });
}

/**
 * Returns who sent the request; null in a service without keys. Callers without keys share their idempotency keys; with
 * keys, no caller meets what another one has created.
 */
export function getCaller({ identity }: Pick<FastifyRequest, 'identity'>): string | null {
  return identity === anyone ? null : (identity?.id ?? null);
}

/** Checks the scope that each route requires. It runs after the rate limit, so that guessing keys is limited, too. */
export function authorize(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const scope = route.config?.scope;
    if (!scope) return;
    const check = async ({ identity }: FastifyRequest): Promise<void> => {
      if (!identity) throw new Unauthorized();
      if (!allows(identity.scopes, scope))
        throw new Forbidden(`key ${identity.id} may ${identity.scopes.join(', ')}, but this needs ${scope}`);
    };
    route.onRequest = [...[route.onRequest ?? []].flat(), check];
  });
}

function readBearerToken({ headers }: FastifyRequest): string {
  return /^Bearer ([\x21-\x7e]{1,200})$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}
