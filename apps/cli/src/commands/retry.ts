import type { Command } from 'commander';
import { findJob } from '../hosts/find-job.ts';
import { withHost, withOpenHost } from '../hosts/open-host.ts';
import type { ChangeOptions } from './change-job.ts';
import { groups, NAMED_JOB, withExamples, withJson } from './define.ts';
import { ENQUEUED, printEnqueued } from './print-enqueued.ts';

export function addRetry(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('retry')
        .helpGroup(groups.steer)
        .summary('try the point of a failed trial again')
        .description(
          'Tries the point of a failed trial again, as the next trial of the job. The budget grows by one. A job ' +
            'that has completed runs again.',
        )
        .argument('<job>', NAMED_JOB)
        .argument('<trial>', 'number of the failed trial'),
    ),
    ENQUEUED,
  ).action(async (job: string, trial: string, { json, ...at }: ChangeOptions) => {
    await withOpenHost(at, async (host) => {
      const id = await findJob(host, job);
      await printEnqueued(host, id, await host.retry(id, trial), json);
    });
  });
  withExamples(command, 'gradsmith retry two-gaussians 7');
}
