import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import type { Snapshot } from '../follow/snapshot.ts';
import { describeIdle, formatJobCommand } from '../hosts/describe-idle.ts';
import { findJob } from '../hosts/find-job.ts';
import type { Host } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { createInterruption } from '../interruption.ts';
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
          'Follows a job until it has finished. On a terminal: progress, best so far, running trials and the ' +
            'last ones, redrawn in place. In a pipe: one line for each trial that settles.',
        )
        .argument('[job]', JOB_ARGUMENT),
    ),
    'events, one a line: {event: "job" | "trial" | "trouble", …}',
  )
    .option('--plain', 'lines on a terminal, too')
    .action(async (job: string | undefined, { json, plain, ...at }: Partial<HostOptions> & WatchOptions) => {
      await withOpenHost(at, async (host) => {
        process.exitCode = await watchJob(host, await findJob(host, job), {
          json: json ?? false,
          plain: plain ?? false,
        });
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
 * Follows the job until it has finished. Returns the exit code: 0 for a job that completed, 1 if it failed or was
 * cancelled, 130 if the command was interrupted, which does not affect the job.
 */
export async function watchJob(host: Host, id: string, { json, plain }: WatchOptions): Promise<number> {
  const [{ chooseView }, { followJob }, { summarizeJob }] = await Promise.all([
    import('../follow/choose-view.ts'),
    import('../follow/follow.ts'),
    import('../follow/describe.ts'),
  ]);
  const signal = createInterruption();
  const view = chooseView({ json, plain, footer: 'Ctrl-C ends this view; the job continues' });
  try {
    let isAdvised = false;
    // The live view shows the workers itself.
    const onLook = ({ status, spec }: Snapshot): void => {
      const idle = view.withProgress || isAdvised ? null : describeIdle(host, status, spec);
      if (idle === null) return;
      isAdvised = true;
      say(idle);
    };
    const last = await followJob(host, id, view, { signal, everyMs: EVERY_MS, onLook });
    view.close();
    if (last && !json) for (const line of summarizeJob(last.status, last.spec)) print(line);
    if (signal.aborted) {
      say(`the job continues; follow it again with: ${formatJobCommand(host, 'watch', id)}`);
      return exitCodes.interrupted;
    }
    return last && (last.status.state === 'completed' || last.status.state === 'exhausted')
      ? exitCodes.done
      : exitCodes.failed;
  } finally {
    view.close();
  }
}
