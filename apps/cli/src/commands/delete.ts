import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatJobCommand } from '../hosts/describe-idle.ts';
import { findJob } from '../hosts/find-job.ts';
import { withHost, withOpenHost } from '../hosts/open-host.ts';
import { print, printJson } from '../output.ts';
import type { ChangeOptions } from './change-job.ts';
import { groups, NAMED_JOB, withExamples, withJson } from './define.ts';

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
        .argument('<job>', NAMED_JOB),
    ),
    '{id, deleted}',
  )
    .option('--yes', 'it is meant (required)')
    .action(async (job: string, { json, yes, ...at }: ChangeOptions & { yes?: boolean }) => {
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
