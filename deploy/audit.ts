// node deploy/audit.ts [IMAGE…]: looks for known weaknesses in what the images are made of. Ends with 1 where one is high.
//   npm packages   the registry's advisories, where it gives them out; deprecated versions, from the lock file alone
//   Debian         packages of the images for which Debian's security archive has a newer version
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
let high = 0;

/** Counts by severity, or why there are none. */
function advisories(command: string, args: readonly string[], cwd: string): Record<string, number> | string {
  const { stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  try {
    const { metadata } = JSON.parse(stdout) as { metadata?: { vulnerabilities: Record<string, number> } };
    if (metadata) return metadata.vulnerabilities;
  } catch {
    // Not the answer of an audit; what it says instead comes below.
  }
  return `the registry gives out no advisories here (${/\b(40\d|50\d|E[A-Z]{4,}\w*)\b/.exec(stdout + stderr)?.[0] ?? 'no answer'})`;
}

function report(what: string, found: Record<string, number> | string): void {
  console.log(`${what}: ${typeof found === 'string' ? found : JSON.stringify(found)}`);
  if (typeof found !== 'string') high += (found['high'] ?? 0) + (found['critical'] ?? 0);
}

report('npm packages of the workspace', advisories('pnpm', ['audit', '--prod', '--json'], root));
for (const addon of ['tfjs-node', 'tfjs-node-gpu']) {
  report(`npm packages of ${addon}`, advisories('npm', ['audit', '--json', '--package-lock-only'], join(root, 'packages/training/addons', addon)));
}

const deprecated = [...readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8').matchAll(/^ {2}'?([^\s':]+)'?:\n(?: {4}.*\n)*? {4}deprecated: (.*)$/gm)];
console.log(`deprecated versions in the lock file: ${deprecated.map(([, name]) => name).join(', ') || 'none'}`);

for (const image of process.argv.slice(2)) {
  const script = 'apt-get update -qq 2>/dev/null && apt-get -s upgrade | sed -n "s/^Inst \\([^ ]*\\) .*ecurity.*/\\1/p"';
  const waiting = execFileSync('docker', ['run', '--rm', '--user', 'root', '--entrypoint', 'sh', image, '-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean);
  console.log(`${image}: ${waiting.length ? `Debian has newer versions of ${waiting.join(', ')}` : "nothing newer in Debian's security archive"}`);
  high += waiting.length;
}
console.log(high ? `${high} findings` : 'no high findings');
process.exitCode = high ? 1 : 0;
