import type { Command } from 'commander';
import { findJob } from '../hosts/find-job.ts';
import { chooseHost, withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { print, printJson, say } from '../output.ts';
import { groups, JOB_ARGUMENT, withExamples, withJson } from './define.ts';

export function addStatus(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('status')
        .helpGroup(groups.jobs)
        .summary('how a job stands')
        .description('Says how a job stands: state, trials, best point, reference, gains.')
        .argument('[job]', JOB_ARGUMENT),
    ),
    'the status',
  ).action(async (job: string | undefined, { json, ...at }: Partial<HostOptions> & { json?: boolean }) => {
    await withOpenHost(at, async (host) => {
      const id = await showMeter('reading the job', findJob(host, job));
      const status = await showMeter('reading the job', host.status(id));
      if (json) return printJson(status);
      const { summarizeJob } = await import('../follow/describe.ts');
      for (const line of summarizeJob(status, await host.spec(id))) print(line);
      if (status.phase === 'finished' || status.workers > 0) return;
      const advice =
        'server' in chooseHost(at) ? 'start one: gradsmith worker' : `continue with: gradsmith run ${status.id}`;
      say(`no worker runs it now; ${advice}`);
    });
  });
  withExamples(command, 'gradsmith status', 'gradsmith status two-gaussians --json');
}
