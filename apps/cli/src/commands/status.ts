import type { JobStatus } from '@gradsmith/contract';
import type { Command } from 'commander';
import { describeIdle } from '../hosts/describe-idle.ts';
import { findJob } from '../hosts/find-job.ts';
import type { Host } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
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
        .description('Says how a job stands: state, trials, best point, reference, gains, what running trials report.')
        .argument('[job]', JOB_ARGUMENT),
    ),
    'the status',
  ).action(async (job: string | undefined, { json, ...at }: Partial<HostOptions> & { json?: boolean }) => {
    await withOpenHost(at, async (host) => {
      const id = await showMeter('reading the job', findJob(host, job));
      const status = await showMeter('reading the job', host.status(id));
      if (json) return printJson(status);
      const { summarizeJob } = await import('../follow/describe.ts');
      const spec = await host.spec(id);
      for (const line of summarizeJob(status, spec)) print(line);
      await printRunning(host, status);
      const idle = describeIdle(host, status, spec);
      if (idle !== null) say(idle);
    });
  });
  withExamples(command, 'gradsmith status', 'gradsmith status two-gaussians --json');
}

/** Running trials that a status lists. */
const RUNNING = 6;

/** Prints what the running trials have reported so far. */
async function printRunning(host: Host, { id, metric, phase }: JobStatus): Promise<void> {
  if (phase === 'finished') return;
  const { items, next } = await host.trials(id, { state: 'running', limit: RUNNING });
  const { describeRunning } = await import('../follow/describe.ts');
  for (const [i, trial] of items.entries())
    print(`${i ? '         ' : 'running  '} ${describeRunning(trial, metric, Date.now())}`);
  if (next !== null) print('          and more');
}
