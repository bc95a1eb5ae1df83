import { lookup, promises, type LookupAddress } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Returns all addresses of a host name. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** How long a name server may take to answer, ms. */
const TIMEOUT_MS = 2_000;
/**
 * The name server knows no such name or address, or there is no name server. The system may know the name by other
 * means, for example in one of its search domains.
 */
const UNKNOWN_CODES: readonly unknown[] = ['ENOTFOUND', 'ENODATA', 'ECONNREFUSED'];

export interface ResolveOptions {
  /** Name servers with their ports. By default, those of the system. */
  servers?: readonly string[];
  /** Resolves a name as other programs do. */
  resolveBySystem?: Resolve;
  hostsFile?: string;
}

/**
 * Creates a function that asks the name servers itself. `dns.lookup` runs only a few look-ups at once in the whole
 * process, so some names whose servers do not answer would hold up all others. It is used only for names without a dot,
 * for names in the file of hosts, and for names that the name servers do not know.
 */
export function createResolve({
  servers,
  resolveBySystem = async (host) => promisify(lookup)(host, { all: true }),
  hostsFile = '/etc/hosts',
}: ResolveOptions = {}): Resolve {
  return async (host) => {
    if (!host.includes('.') || (await readHostNames(hostsFile)).has(host.toLowerCase())) return resolveBySystem(host);
    // A new one for each name: it reads the current settings of the system.
    const resolver = new promises.Resolver({ timeout: TIMEOUT_MS, tries: 1 });
    if (servers) resolver.setServers(servers);
    const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = [...toAddresses(ipv4, 4), ...toAddresses(ipv6, 6)];
    if (found.length) return found;
    const failure = [ipv4, ipv6].map(readError).find((error) => error && !UNKNOWN_CODES.includes(error.code));
    if (failure) throw failure;
    return resolveBySystem(host);
  };
}

function toAddresses(answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}

function readError(answer: PromiseSettledResult<string[]>): NodeJS.ErrnoException | undefined {
  return answer.status === 'rejected' ? (answer.reason as NodeJS.ErrnoException) : undefined;
}

/** Returns the names in a file of hosts, in lower case; none if it cannot be read. */
async function readHostNames(file: string): Promise<ReadonlySet<string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().toLowerCase());
  return new Set(lines.flatMap((line) => line.split(/\s+/).slice(1)));
}
