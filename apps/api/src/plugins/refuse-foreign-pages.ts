import { GradsmithError } from '@gradsmith/core/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface OwnAddresses {
  /** Host names in addition to those of the loopback, in lower case; null: any. */
  hostNames: readonly string[] | null;
  /** Whether requests need no key. A page of another site cannot send a bearer key. */
  isOpen: boolean;
}

class ForeignPage extends GradsmithError {
  constructor(message: string) {
    super(message, 'forbidden');
  }
}

const safeMethods = new Set(['GET', 'HEAD']);

/**
 * Refuses requests that a foreign web page could make a browser send: changes from another site, changes from another
 * origin if no key is required, and any request under a host name that is not the service's (DNS rebinding).
 */
export function refuseForeignPages(app: FastifyInstance, { hostNames, isOpen }: OwnAddresses): void {
  app.addHook('onRequest', async (request) => {
    if (!safeMethods.has(request.method)) refuseForeignChange(request, { hostNames, isOpen });
    if (hostNames && !isKnownHost(request.headers.host ?? '', hostNames)) {
      const known = ['localhost', '127.0.0.1', '[::1]', ...hostNames].join(', ');
      throw new ForeignPage(`without keys this service answers only under ${known}; GRADSMITH_HOST_NAMES adds others`);
    }
  });
}

/**
 * Browsers add `Sec-Fetch-Site` to requests to https and loopback addresses, and `Origin` to every change. Pages can
 * set neither. Other programs send neither.
 */
function refuseForeignChange(request: FastifyRequest, { hostNames, isOpen }: OwnAddresses): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site === 'cross-site') throw new ForeignPage('changes that a page of another site sends are refused');
  if (!isOpen || site === 'same-origin') return;
  if (origin === undefined && site !== 'same-site') return;
  if (origin !== undefined && isOwnOrigin(origin, request, hostNames)) return;
  throw new ForeignPage(
    `without keys, changes from a page of another origin (${origin ?? 'unknown'}) are refused; behind a proxy, pass ` +
      'on Host or X-Forwarded-Host, or set GRADSMITH_HOST_NAMES to the name in the address bar',
  );
}

/**
 * Returns whether the page has the address that the request was sent to. A page of another origin could set
 * `X-Forwarded-Host` only after a preflight request, which this service does not allow.
 */
function isOwnOrigin(origin: string, { headers }: FastifyRequest, hostNames: readonly string[] | null): boolean {
  if (!/^https?:/.test(origin) || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const own = [headers.host, ...String(headers['x-forwarded-host'] ?? '').split(',')];
  if (own.some((host) => parseHost(page.protocol, host) === page.host)) return true;
  return hostNames?.includes(page.hostname) ?? false;
}

/** Returns host and port in the form of `URL.host`, which leaves out a default port; null if it is not a host. */
function parseHost(protocol: string, host = ''): string | null {
  const address = `${protocol}//${host.trim()}`;
  return URL.canParse(address) ? new URL(address).host : null;
}

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** @param host as the header has it, with a port or without */
function isKnownHost(host: string, hostNames: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  return loopbackHost.test(name) || hostNames.includes(name);
}
