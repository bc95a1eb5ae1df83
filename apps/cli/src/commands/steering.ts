import type { JobStatus } from '@gradsmith/contract';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { describeIdle, formatJobCommand } from '../hosts/describe-idle.ts';
import { findJob } from '../hosts/find-job.ts';
import type { Host, Steer } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { countOption } from '../options.ts';
import { print, printJson } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';

type SteerOptions = Partial<HostOptions> & { json?: boolean };

const moves: Record<Steer, [summary: string, description: string]> = {
  pause: [
    'start nothing new, let running trials finish',
    'Pauses a running job: no further trial is started, and running trials finish.',
  ],
  resume: ['continue a paused job', 'Continues a paused job.'],
  cancel: [
    'end a job for good',
    'Cancels a job at once. Running trials are stopped, and their results are refused. Earlier results are kept.',
  ],
};

export function addSteering(program: Command): void {
  for (const [move, [summary, description]] of Object.entries(moves) as [Steer, [string, string]][]) {
    const command = withJson(
      withHost(
        program
          .command(move)
          .helpGroup(groups.steer)
          .summary(summary)
          .description(description)
          .argument('<job>', 'id of the job, its beginning, a name or a part of one'),
      ),
      'the status after it',
    ).action(async (job: string, { json, ...at }: SteerOptions) => {
      await steerThe(job, at, json, (host, id) => host.steer(id, move));
    });
    withExamples(command, `gradsmith ${move} two-gaussians`);
  }
}

export function addExtend(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('extend')
        .helpGroup(groups.steer)
        .summary('give a job a larger budget')
        .description(
          'Raises the number of trials a job may have. One that has completed runs again, with all it knows.',
        )
        .argument('<job>', 'id of the job, its beginning, a name or a part of one')
        .argument('<trials>', 'trials in all, not in addition', countOption),
    ),
    'the status after it',
  ).action(async (job: string, trials: number, { json, ...at }: SteerOptions) => {
    await steerThe(job, at, json, (host, id) => host.extend(id, trials));
  });
  withExamples(command, 'gradsmith extend two-gaussians 60');
}

export function addDelete(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('delete')
        .helpGroup(groups.steer)
        .summary('remove a job and all its trials')
        .description(
          'Removes a job with everything recorded of it. There is no way back; gradsmith export keeps a copy.',
        )
        .argument('<job>', 'id of the job, its beginning, a name or a part of one'),
    ),
    '{id, deleted}',
  )
    .option('--yes', 'it is meant (required)')
    .action(async (job: string, { json, yes, ...at }: SteerOptions & { yes?: boolean }) => {
      await withOpenHost(at, async (host) => {
        const id = await findJob(host, job);
        const { name, state, settled, phase } = await host.status(id);
        if (!yes)
          throw new Failure(
            exitCodes.usage,
            'not-confirmed',
            `this would remove job ${id} (${name}, ${state}) with ${settled} trials for good.\nSay ` +
              `--yes if that is meant; ${formatJobCommand(host, 'export', id)} keeps a copy.`,
          );
        if (phase !== 'finished')
          throw new Failure(
            exitCodes.refused,
            'job-active',
            `job ${id} (${name}) is ${state}; cancel it first: ${formatJobCommand(host, 'cancel', id)}`,
          );
        await host.remove(id);
        if (json) printJson({ id, deleted: true });
        else print(`job ${id} (${name}) is removed`);
      });
    });
  withExamples(command, 'gradsmith delete two-gaussians --yes');
}

async function steerThe(
  job: string,
  at: Partial<HostOptions>,
  json: boolean | undefined,
  move: (host: Host, id: string) => Promise<JobStatus>,
): Promise<void> {
  await withOpenHost(at, async (host) => {
    const status = await move(host, await findJob(host, job));
    if (json) return printJson(status);
    print(`job ${status.id} (${status.name}) is ${status.state}, ${status.settled} of ${status.budget} trials settled`);
    const idle = host.isLocal ? describeIdle(host, status, await host.spec(status.id)) : null;
    if (idle !== null) print(idle);
  });
}
