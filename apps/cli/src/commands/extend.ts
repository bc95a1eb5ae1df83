import type { Command } from 'commander';
import { withHost } from '../hosts/open-host.ts';
import { countOption } from '../options.ts';
import { changeJob, type ChangeOptions } from './change-job.ts';
import { groups, NAMED_JOB, withExamples, withJson } from './define.ts';

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
        .argument('<job>', NAMED_JOB)
        .argument('<trials>', 'trials in all, not in addition', countOption),
    ),
    'the status after it',
  ).action(async (job: string, trials: number, options: ChangeOptions) => {
    await changeJob(job, options, (host, id) => host.extend(id, trials));
  });
  withExamples(command, 'gradsmith extend two-gaussians 60');
}
