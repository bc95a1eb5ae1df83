import { spawnSync } from 'node:child_process';
import { gt } from 'semver';
import type { Report } from './report.ts';

function runCommand(command: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

// A simulated upgrade against today's package lists. Archives that are not reached are an error: an old list would look
// sound.
const WAITING =
  'apt-get update -qq -o APT::Update::Error-Mode=any >/dev/null && apt-get -s dist-upgrade | sed -n ' +
  '"s/^Inst \\([^ ]*\\) .*ecurity.*/\\1/p"';
// Programs that no Debian package brings are not in Debian's advisories either.
const FOREIGN =
  'for name in node redis-server; do path=$(command -v $name) && ! dpkg -S "$(readlink -f "$path")" ' +
  '>/dev/null 2>&1 && echo "$name $($name --version)"; done; true';

/** An image's Debian packages against Debian's security archive, and its programs that come from elsewhere. */
export function auditImage(report: Report, image: string): void {
  const inside = (script: string): ReturnType<typeof runCommand> =>
    runCommand('docker', 'run', '--rm', '--user', 'root', '--entrypoint', 'sh', image, '-c', script);
  const waiting = inside(WAITING);
  const what = `${image}: packages older than in the security archive`;
  if (waiting.status !== 0) report.missed(what, waiting.stderr.trim().split('\n').at(-1) ?? '');
  else
    report.looked(
      what,
      waiting.stdout
        .split('\n')
        .filter(Boolean)
        .map((text) => ({ serious: true, text })),
    );

  for (const line of inside(FOREIGN).stdout.split('\n').filter(Boolean)) {
    const [, program, version] = /^(\S+) \D*([\d.]+)/.exec(line) ?? [];
    const what = `${image}: ${program} ${version}, which is no package of the distribution`;
    // Node's releases are on npm too, and security fixes come with a new release of the same major version.
    const newest =
      program === 'node' ? runCommand('npm', 'view', `node@${version!.split('.')[0]}`, 'version', '--json') : undefined;
    if (newest?.status !== 0) report.missed(what, 'read its makers’ announcements');
    else {
      const last = [JSON.parse(newest.stdout) as string | string[]].flat().reduce((a, b) => (gt(a, b) ? a : b));
      report.looked(what, gt(last, version!) ? [{ serious: false, text: `${last} is its newest release` }] : []);
    }
  }
}
