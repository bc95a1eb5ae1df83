import { BlockList, isIP, type LookupFunction } from 'node:net';
import { GradsmithError, InvalidInput } from '@gradsmith/core/domain';
import { createResolve, type Resolve } from './create-resolve.ts';

/** This service must not send requests to the address of a webhook. */
export class ForbiddenTarget extends GradsmithError {
  constructor(host: string, address: string) {
    super(
      `${address === host ? host : `${host} (${address})`} is a private, local or reserved address; ` +
        'the operator can allow it with GRADSMITH_WEBHOOK_ALLOW',
      'forbidden-target',
    );
  }
}

/** Special-purpose addresses (IANA registries, RFC 6890 and later): never a public web server. */
export const reserved = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Addresses that embed an IPv4 address, and tunnels (::/96, 64:ff9b::/96, 2002::/16, 2001::/32), could lead to any
  // of the addresses above.
  '::/96',
  '::ffff:0:0/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** Decides which addresses webhooks may be sent to. */
export class TargetGuard {
  readonly #reserved = parseRanges(reserved, 'reserved');
  readonly #allowed: Ranges;
  readonly #resolve: Resolve;

  /** `allow`: address ranges in CIDR notation that may be reached although they are private. Throws InvalidInput. */
  constructor(allow: readonly string[] = [], resolve: Resolve = createResolve()) {
    this.#allowed = parseRanges(allow, 'GRADSMITH_WEBHOOK_ALLOW');
    this.#resolve = resolve;
  }

  /** Throws ForbiddenTarget for a URL with a forbidden address. Host names are checked when a message is sent. */
  checkUrl(url: string): void {
    const host = readHost(url);
    if (isIP(host)) this.#check(host, host);
  }

  /**
   * For `http.request`: resolves the name once, checks every address, and passes the checked ones to the connection. A
   * name that resolves differently the next time (DNS rebinding) has no effect, because it is not resolved again.
   */
  readonly lookup: LookupFunction = (host, { all }, done) => {
    this.#resolve(host).then(
      (addresses) => {
        try {
          if (!addresses.length) throw new Error(`${host} has no address`);
          for (const { address } of addresses) this.#check(host, address);
          const { address, family } = addresses[0]!;
          if (all) done(null, addresses);
          else done(null, address, family);
        } catch (error) {
          done(error as Error, '', 0);
        }
      },
      (error: Error) => done(error, '', 0),
    );
  };

  #check(host: string, address: string): void {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (this.#allowed[family].check(address, family)) return;
    if (!isIP(address) || this.#reserved[family].check(address, family)) throw new ForbiddenTarget(host, address);
  }
}

/** Returns the host of a URL. The parser normalizes every spelling of an IPv4 address, such as octal. */
export function readHost(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/**
 * Address ranges, one list per family. A single list would match every IPv4 address with ::ffff:0:0/96, the range of
 * IPv4-mapped addresses.
 */
type Ranges = Readonly<Record<'ipv4' | 'ipv6', BlockList>>;

function parseRanges(ranges: readonly string[], source: string): Ranges {
  const lists: Ranges = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [i, range] of ranges.entries()) {
    // An empty length would be read as 0, which is every address.
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    try {
      lists[family].addSubnet(address, Number(bits ?? (family === 'ipv6' ? '128' : '32')), family);
    } catch {
      throw new InvalidInput(
        [{ path: [i], message: `${range} is not an address range; write it like 192.168.1.0/24` }],
        source,
      );
    }
  }
  return lists;
}
