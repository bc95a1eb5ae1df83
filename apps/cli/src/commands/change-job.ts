import type { JobStatus } from '@gradsmith/contract';
import type { Command } from 'commander';
import { describeIdle } from '../hosts/describe-idle.ts';
import { findJob } from '../hosts/find-job.ts';
import type { Host, Steer } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { print, printJson } from '../output.ts';
import { groups, NAMED_JOB, withExamples, withJson } from './define.ts';

/** Options of a command that changes a job. */
export type ChangeOptions = Partial<HostOptions> & { json?: boolean };

/** Adds a command that changes the state of a job. */
export function addMove(
  program: Command,
  move: Steer,
  { summary, description }: Record<'summary' | 'description', string>,
): void {
  const command = withJson(
    withHost(
      program
        .command(move)
        .helpGroup(groups.steer)
        .summary(summary)
        .description(description)
        .argument('<job>', NAMED_JOB),
    ),
    'the status after it',
  ).action(async (job: string, options: ChangeOptions) => {
    await changeJob(job, options, (host, id) => host.steer(id, move));
  });
  withExamples(command, `gradsmith ${move} two-gaussians`);
}

/** Changes a job and prints its status after that. */
export async function changeJob(
  job: string,
  { json, ...at }: ChangeOptions,
  change: (host: Host, id: string) => Promise<JobStatus>,
): Promise<void> {
  await withOpenHost(at, async (host) => {
    const status = await change(host, await findJob(host, job));
    if (json) return printJson(status);
    print(`job ${status.id} (${status.name}) is ${status.state}, ${status.settled} of ${status.budget} trials settled`);
    const idle = host.isLocal ? describeIdle(host, status, await host.spec(status.id)) : null;
    if (idle !== null) print(idle);
  });
}
