import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { findJob } from '../hosts/find-job.ts';
import type { Host } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { interruptible } from '../interruption.ts';
import { print, say } from '../output.ts';
import { groups, JOB_ARGUMENT, withExamples, withJson } from './define.ts';

const EVERY_MS = 1_000;

export interface WatchOptions {
  json?: boolean;
  plain?: boolean;
}

export function addWatch(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('watch')
        .helpGroup(groups.jobs)
        .summary('follow a job while it runs')
        .description(
          'Follows a job until it ends. On a terminal: progress, best so far, running trials and the ' +
            'last ones, redrawn in place. In a pipe: one line for each trial that settles.',
        )
        .argument('[job]', JOB_ARGUMENT),
    ),
    'events, one a line: {event: "job" | "trial" | "trouble", …}',
  )
    .option('--plain', 'lines on a terminal, too')
    .action(async (job: string | undefined, { json, plain, ...at }: Partial<HostOptions> & WatchOptions) => {
      await withOpenHost(at, async (host) => {
        process.exitCode = await watch(host, await findJob(host, job), { json: json ?? false, plain: plain ?? false });
      });
    });
  withExamples(
    command,
    'gradsmith watch',
    'gradsmith watch two-gaussians --plain',
    'gradsmith watch two-gaussians --json --server http://localhost:8080',
  );
}

/**
 * Follows the job to its end. Exit code: 0 it ended well, 1 it failed or was cancelled, 130 interrupted (the job goes
 * on).
 */
export async function watch(host: Host, id: string, { json, plain }: WatchOptions): Promise<number> {
  const [{ chooseView }, { follow }, { summarizeJob }] = await Promise.all([
    import('../follow/choose-view.ts'),
    import('../follow/follow.ts'),
    import('../follow/describe.ts'),
  ]);
  const signal = interruptible();
  const view = chooseView({ json, plain, footer: 'Ctrl-C leaves; the job goes on' });
  try {
    const last = await follow(host, id, view, { signal, everyMs: EVERY_MS });
    view.close();
    if (last && !json) for (const line of summarizeJob(last.status)) print(line);
    if (signal.aborted) {
      say(`left; the job goes on. Look again with: ${['gradsmith watch', id, host.flags].filter(Boolean).join(' ')}`);
      return exitCodes.interrupted;
    }
    return last && (last.status.state === 'completed' || last.status.state === 'exhausted')
      ? exitCodes.done
      : exitCodes.failed;
  } finally {
    view.close();
  }
}
