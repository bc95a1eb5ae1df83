import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAffected, readAdvisories, readSeverity, type Package } from './osv.ts';
import type { Finding, Report } from './report.ts';

const root = new URL('../..', import.meta.url).pathname;
const addons = join(root, 'packages/training/addons');
const SERIOUS = new Set(['high', 'critical']);

/** Production packages of the workspace and of each native backend, from their lock files alone. */
function packagesByPart(): Map<string, Package[]> {
  const bill = execFileSync('pnpm', ['sbom', '--sbom-format', 'cyclonedx', '--prod', '--lockfile-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { components } = JSON.parse(bill) as { components: { group?: string; name: string; version: string }[] };
  const parts = new Map([
    [
      'the workspace',
      components.map(({ group, name, version }) => ({ name: group ? `${group}/${name}` : name, version })),
    ],
  ]);
  for (const addon of readdirSync(addons)) {
    const { packages } = JSON.parse(readFileSync(join(addons, addon, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    const found = Object.entries(packages).filter(([path]) => path !== '');
    parts.set(
      `the backend ${addon}`,
      found.map(([path, { version }]) => ({
        name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
        version,
      })),
    );
  }
  return parts;
}

/** What the registry answers to an audit: counts by severity, or why there are none. */
function askRegistry(part: string): Record<string, number> | string {
  const [command, args, cwd] =
    part === 'the workspace'
      ? (['pnpm', ['audit', '--prod', '--json'], root] as const)
      : (['npm', ['audit', '--json', '--package-lock-only'], join(addons, part.slice('the backend '.length))] as const);
  const { stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  try {
    const { metadata } = JSON.parse(stdout) as { metadata?: { vulnerabilities: Record<string, number> } };
    if (metadata) return metadata.vulnerabilities;
  } catch {
    // Not the answer of an audit; what it says instead comes below.
  }
  return /\b(40\d|50\d)\b|\bE(NOTFOUND|CONNREFUSED|TIMEDOUT|AI_AGAIN)\b/.exec(stdout + stderr)?.[0] ?? 'no answer';
}

/** Known weaknesses of npm packages: from a folder of advisories where one is named, else from the registry. */
export function auditNpm(report: Report, advisories: string | undefined): void {
  const known = advisories === undefined ? undefined : readAdvisories(advisories);
  for (const [part, packages] of packagesByPart()) {
    const what = `npm packages of ${part} (${packages.length})`;
    if (known) {
      const found: Finding[] = packages.flatMap((each) =>
        (known.get(each.name) ?? [])
          .filter((advisory) => isAffected(advisory, each))
          .map((advisory) => ({
            serious: SERIOUS.has(readSeverity(advisory)),
            text: `${each.name} ${each.version}: ${advisory.id}, ${readSeverity(advisory)}, ${advisory.summary ?? ''}`,
          })),
      );
      report.looked(what, found);
      continue;
    }
    const answer = askRegistry(part);
    if (typeof answer === 'string')
      report.missed(
        what,
        `the registry gives out no advisories here (${answer}); --advisories FOLDER takes them from a dump of osv.dev`,
      );
    else
      report.looked(
        what,
        Object.entries(answer)
          .filter(([, count]) => count > 0)
          .map(([severity, count]) => ({
            serious: SERIOUS.has(severity),
            text: `${count} ${severity}; pnpm audit tells more`,
          })),
      );
  }
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const deprecated = [...lock.matchAll(/^ {2}'?([^\s':]+)'?:\n(?: {4}.*\n)*? {4}deprecated: .*$/gm)];
  report.looked(
    'versions in pnpm-lock.yaml that are deprecated',
    deprecated.map(([, name]) => ({ serious: false, text: name! })),
  );
}
