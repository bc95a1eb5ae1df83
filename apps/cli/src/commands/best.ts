import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { compareByValue } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { findJob } from '../hosts/find-job.ts';
import { readAllTrials } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { countOption } from '../options.ts';
import { print, printJson } from '../output.ts';
import { groups, JOB_ARGUMENT, withExamples, withJson } from './define.ts';

interface BestOptions extends Partial<HostOptions> {
  top: number;
  json?: boolean;
}

export function addBest(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('best')
        .helpGroup(groups.look)
        .summary('the best point found')
        .description(
          'Shows the best points of a job, with what they gained over the reference (plain backpropagation with ' +
            "the job's own settings) in the search and on fresh seeds. With several objectives, all points on the " +
            'Pareto front.',
        )
        .argument('[job]', JOB_ARGUMENT),
    ),
    '{job, metric, direction, reference, referenceDivergence, searchGain, confirmedGain, baselines, pareto, items}',
  )
    .option('--top <n>', 'so many of the best', countOption, 1)
    .action(async (job: string | undefined, { top, json, ...at }: BestOptions) => {
      await withOpenHost(at, async (host) => {
        const id = await findJob(host, job);
        const status = await host.status(id);
        const complete = await showMeter(
          'reading trials',
          readAllTrials(host, id, { state: 'complete', role: 'search' }),
        );
        const { pareto } = status;
        const items = pareto
          ? listFront(complete, pareto)
          : rankByValue(
              complete.filter(({ feasible }) => feasible !== false),
              status.direction,
            ).slice(0, top);
        if (!items.length)
          throw new Failure(
            exitCodes.notFound,
            'no-best',
            `job ${id} (${status.name}) has no ${complete.length ? 'feasible' : 'complete'} trial` +
              `${status.phase === 'finished' ? '' : ' yet'}, ` +
              `so there is no best point; it is ${status.state}.`,
          );
        const { metric, direction, reference, referenceDivergence, searchGain, confirmedGain, baselines } = status;
        const gains = { reference, referenceDivergence, searchGain, confirmedGain, baselines };
        if (json) return printJson({ job: id, metric, direction, ...gains, pareto, items });
        await printBest(status, await host.spec(id), items);
      });
    });
  withExamples(
    command,
    'gradsmith best',
    'gradsmith best two-gaussians --top 3',
    'gradsmith best two-gaussians --json',
  );
}

async function printBest(status: JobStatus, spec: JobSpec, items: readonly TrialResource[]): Promise<void> {
  const [{ formatNumber }, { describeGains }] = await Promise.all([
    import('../text/numbers.ts'),
    import('../follow/describe.ts'),
  ]);
  for (const { id, value, point } of items) {
    const values = status.pareto?.front.find(({ trial }) => trial === id)?.values ?? [value!];
    const names = status.pareto?.objectives.map(({ metric }) => metric) ?? [status.metric];
    print(`trial ${id}: ${names.map((name, m) => `${name} ${formatNumber(values[m]!)}`).join('  ')}`);
    for (const [name, set] of Object.entries(point)) print(`  ${name}: ${set}`);
  }
  for (const line of describeGains(status, spec)) print(line);
}

/** Lists the trials on the front, in its order. */
function listFront(trials: readonly TrialResource[], { front }: NonNullable<JobStatus['pareto']>): TrialResource[] {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  return front.flatMap(({ trial }) => byId.get(trial) ?? []);
}

/** Sorts by value, best first; equal values by number. */
function rankByValue(trials: TrialResource[], direction: 'minimize' | 'maximize'): TrialResource[] {
  return trials.filter(({ value }) => value !== null).sort(compareByValue(direction));
}
