import type { Command } from 'commander';
import { findJob } from '../hosts/find-job.ts';
import { withHost, withOpenHost } from '../hosts/open-host.ts';
import { print, printJson } from '../output.ts';
import type { ChangeOptions } from './change-job.ts';
import { groups, NAMED_JOB, withExamples, withJson } from './define.ts';

export function addInvalidate(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('invalidate')
        .helpGroup(groups.steer)
        .summary('take the result of a trial back')
        .description(
          'Takes the result of a complete trial back: the model and the best point no longer use it, and the budget ' +
            'grows by one. A finished job uses that when it is extended, also to the same budget.',
        )
        .argument('<job>', NAMED_JOB)
        .argument('<trial>', 'number of the complete trial'),
    ),
    'the trial after it',
  )
    .requiredOption('--reason <text>', 'why, for those who read the job later')
    .action(async (job: string, trial: string, { reason, json, ...at }: ChangeOptions & { reason: string }) => {
      await withOpenHost(at, async (host) => {
        const id = await findJob(host, job);
        const changed = await host.invalidate(id, trial, reason);
        if (json) printJson(changed);
        else print(`the result of trial ${trial} of job ${id} is taken back: ${reason}`);
      });
    });
  withExamples(command, 'gradsmith invalidate two-gaussians 7 --reason outlier');
}
