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

/** Whoever reaches a service without keys may do everything. */
const anyone: Identity = { id: 'anyone', scopes: ['admin'] };

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

/** Finds out who sends each request, before anything else looks at it. Without a key ring everybody may do everything. */
export function identify(app: FastifyInstance, ring: KeyRing | null): void {
  app.decorateRequest('identity', null);
  app.addHook('onRequest', async (request, reply) => {
    request.identity = ring ? ring.find(bearerOf(request)) : anyone;
    if (request.identity) reply.log = request.log = request.log.child({ key: request.identity.id });
  });
}

/**
 * Lets each route be called only by those whose scope it needs. After the rate limit, which so holds for those who try
 * keys.
 */
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

/**
 * Refuses what a web page of somebody else's could make a browser send to a service that asks for no key: changes from
 * another site, and any request under a host name that is not the service's own (DNS rebinding).
 *
 * @param hostNames beside those of the loopback, in lower case; null: any
 */
export function refuseStrangers(app: FastifyInstance, hostNames: readonly string[] | null): void {
  app.addHook('onRequest', async (request) => {
    if (request.method !== 'GET' && request.headers['sec-fetch-site'] === 'cross-site') {
      throw new Forbidden('changes that a page of another site sends are refused');
    }
    if (hostNames && !isKnownHost(request.headers.host ?? '', hostNames)) {
      throw new Forbidden(
        `without keys this service answers only under ${['localhost', '127.0.0.1', '[::1]', ...hostNames].join(', ')}; GRADSMITH_HOST_NAMES adds others`,
      );
    }
  });
}

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** @param host as the header has it, with a port or without */
function isKnownHost(host: string, hostNames: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  return loopbackHost.test(name) || hostNames.includes(name);
}

function bearerOf({ headers }: FastifyRequest): string {
  return /^Bearer ([\x21-\x7e]{1,200})$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}
