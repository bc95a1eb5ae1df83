import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import { GradsmithError, InvalidInput } from '@gradsmith/core/domain';

/** The address of a webhook is one that this service must not reach. */
export class ForbiddenTarget extends GradsmithError {
  constructor(host: string, address: string) {
    super(
      `${host} is ${address === host ? '' : `${address}, `}a private, local or reserved address; the operator can allow it with GRADSMITH_WEBHOOK_ALLOW`,
      'forbidden-target',
    );
  }
}

/** All the addresses of a host name. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

const resolveBySystem: Resolve = async (host) => promisify(systemLookup)(host, { all: true });

/** Special-purpose addresses (IANA registries, RFC 6890 and later): never a public web server. */
const reserved = [
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
  // What embeds an IPv4 address or is a tunnel (::/96, 64:ff9b::/96, 2002::/16, 2001::/32) could lead to any of those
  // above.
  '::/96',
  '::ffff:0:0/96',
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
  readonly #reserved = rangesOf(reserved, 'reserved');
  readonly #allowed: Ranges;
  readonly #resolve: Resolve;

  /** `allow`: address ranges in CIDR notation that may be reached although they are private. Throws InvalidInput. */
  constructor(allow: readonly string[] = [], resolve: Resolve = resolveBySystem) {
    this.#allowed = rangesOf(allow, 'GRADSMITH_WEBHOOK_ALLOW');
    this.#resolve = resolve;
  }

  /** Throws ForbiddenTarget for a URL that names a forbidden address itself; names are looked up when something is sent. */
  checkUrl(url: string): void {
    const host = hostOf(url);
    if (isIP(host)) this.#check(host, host);
  }

  /**
   * For `http.request`: looks the name up once, checks every address, and hands the checked ones to the connection. A
   * name that answers differently the next time (DNS rebinding) changes nothing, as it is not asked again.
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

/**
 * The host of a URL; its parser has brought every spelling of an IPv4 address (hexadecimal, octal, one number) to the
 * usual one.
 */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/**
 * Address ranges, a list for each family: one list for both would take every IPv4 address for one of ::ffff:0:0/96,
 * which is where IPv6 has them all.
 */
type Ranges = Readonly<Record<'ipv4' | 'ipv6', BlockList>>;

function rangesOf(ranges: readonly string[], what: string): Ranges {
  const lists: Ranges = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [i, range] of ranges.entries()) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    try {
      lists[family].addSubnet(address, Number(bits ?? (family === 'ipv6' ? '128' : '32')), family);
    } catch {
      throw new InvalidInput(
        [{ path: [i], message: `${range} is no address range; write it like 192.168.1.0/24` }],
        what,
      );
    }
  }
  return lists;
}
