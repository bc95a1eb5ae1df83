import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, gt, gte } from 'semver';

type Event = { introduced: string } | { fixed: string } | { last_affected: string } | { limit: string };

/**
 * The parts of a record of the Open Source Vulnerability format (https://ossf.github.io/osv-schema) that say whom it
 * concerns.
 */
export interface Advisory {
  id: string;
  summary?: string;
  withdrawn?: string;
  affected?: {
    package: { ecosystem: string; name: string };
    ranges?: { type: string; events: Event[] }[];
    versions?: string[];
  }[];
  database_specific?: { severity?: string };
}

export interface Package {
  name: string;
  version: string;
}

/**
 * The advisories on npm packages in a folder of OSV records, one a file: what an unpacked dump of osv.dev for npm
 * holds.
 *
 * @throws Error where the folder holds none, which an audit must not take for "nothing found"
 */
export function readAdvisories(folder: string): Map<string, Advisory[]> {
  const byName = new Map<string, Advisory[]>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const advisory = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Advisory;
    if (advisory.withdrawn) continue;
    const names = new Set(
      advisory.affected?.filter((each) => each.package.ecosystem === 'npm').map((each) => each.package.name),
    );
    for (const name of names) byName.set(name, [...(byName.get(name) ?? []), advisory]);
  }
  if (byName.size === 0)
    throw new Error(
      `${folder} holds no OSV record about an npm package; unpack ` +
        `https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip there`,
    );
  return byName;
}

const readVersion = (event: Event): string => Object.values(event)[0] as string;
const order = (event: Event): string => (readVersion(event) === '0' ? '0.0.0-0' : readVersion(event));

/** Whether the version is affected: events in the order of their versions, each switching it on or off. */
export function isAffected(advisory: Advisory, { name, version }: Package): boolean {
  return (advisory.affected ?? []).some((each) => {
    if (each.package.ecosystem !== 'npm' || each.package.name !== name) return false;
    if (each.versions?.includes(version)) return true;
    return (each.ranges ?? [])
      .filter(({ type }) => type === 'SEMVER')
      .some(({ events }) => {
        let affected = false;
        for (const event of events.toSorted((a, b) => compare(order(a), order(b)))) {
          if ('introduced' in event && gte(version, order(event))) affected = true;
          if ('fixed' in event && gte(version, event.fixed)) affected = false;
          if ('last_affected' in event && gt(version, event.last_affected)) affected = false;
        }
        return affected;
      });
  });
}

/**
 * `low`, `moderate`, `high` or `critical`. What nobody has rated, such as a package that is malware as a whole, counts
 * as critical.
 */
export function readSeverity(advisory: Advisory): string {
  return advisory.database_specific?.severity?.toLowerCase() ?? 'critical';
}
