// Runs searches with this repository's optimizer: jobs as JSON lines in, one answer line each, as protocol.ts
// describes.
import { createInterface } from 'node:readline';
import { Optimizer, type Observation, type Outcome, type Point } from '@gradsmith/bayesopt';
import { problemOf, valueOf, type Job, type SearchResult, type TimingJob } from './protocol.ts';

function optimizerOf({ problem, initial, seed }: Job | TimingJob, history: readonly Observation[] = []): Optimizer {
  const { space, noise } = problemOf(problem);
  return new Optimizer(space, { algorithm: 'gp', initial, seed, ...(noise > 0 && { noisy: true }) }, history);
}

/** Processor milliseconds that `ask` takes, with the trial: other programs on the machine count less than with a clock. */
function timedAsk(optimizer: Optimizer): { trial: NonNullable<ReturnType<Optimizer['ask']>>; elapsed: number } {
  const started = process.cpuUsage();
  const trial = optimizer.ask();
  const { user, system } = process.cpuUsage(started);
  const elapsed = Math.round((user + system) / 10) / 100;
  if (!trial) throw new RangeError('the space is exhausted before the budget');
  return { trial, elapsed };
}

/** @param points asked for first, where the search is to start from given ones */
function run(job: Job, points: readonly Point[] = []): SearchResult {
  const problem = problemOf(job.problem);
  const optimizer = optimizerOf(job);
  for (const point of points) optimizer.enqueue(point);
  const truths: number[] = [];
  const outcomeOf = censoring(job.censor);
  const waiting: NonNullable<ReturnType<Optimizer['ask']>>[] = [];
  const milliseconds: number[] = [];
  const settle = (): void => {
    const { number, point } = waiting.shift()!;
    const truth = problem.evaluate(point);
    const outcome = outcomeOf(valueOf(problem, truth, job.seed, number));
    truths.push(outcome.status === 'complete' ? truth : Infinity);
    optimizer.tell(number, outcome);
  };
  for (let number = 0; number < job.budget; number++) {
    if (waiting.length > job.pending) settle();
    const { trial, elapsed } = timedAsk(optimizer);
    if (number >= Math.max(job.initial, points.length)) milliseconds.push(elapsed);
    waiting.push(trial);
  }
  while (waiting.length > 0) settle();
  const censored = truths.filter((truth) => truth === Infinity).length;
  return { ...job, ...(job.censor && { censored }), improvements: improvementsOf(truths), milliseconds };
}

function improvementsOf(truths: readonly number[]): [number, number][] {
  const steps: [number, number][] = [];
  truths.forEach((truth, number) => {
    if (truth < (steps.at(-1)?.[1] ?? Infinity)) steps.push([number, truth]);
  });
  return steps;
}

/**
 * How a trial is told: with its value, or, two of three that do not better the best, pruned half-way to its value (or
 * failed).
 */
function censoring(censor: Job['censor']): (value: number) => Outcome & { status: string } {
  let count = 0;
  let best = Infinity;
  return (value) => {
    count++;
    if (censor !== undefined && count % 3 > 0 && value > best) {
      return censor === 'bound' ? { status: 'pruned', value: (best + value) / 2 } : { status: 'failed' };
    }
    best = Math.min(best, value);
    return { status: 'complete', value };
  };
}

function time(job: TimingJob): object {
  const problem = problemOf(job.problem);
  const history = job.history.map(([point, value], number) => ({ number, point, value, status: 'complete' as const }));
  const optimizer = optimizerOf(job, history);
  const milliseconds: number[] = [];
  for (let k = 0; k < job.asks; k++) {
    const { trial, elapsed } = timedAsk(optimizer);
    milliseconds.push(elapsed);
    optimizer.tell(trial.number, problem.evaluate(trial.point));
  }
  const { history: _, ...rest } = job;
  return { ...rest, milliseconds };
}

process.stdout.write(`${JSON.stringify({ versions: { node: process.versions.node, v8: process.versions.v8 } })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { points, ...job } = JSON.parse(line) as (Job | TimingJob) & { points?: Point[] };
  process.stdout.write(`${JSON.stringify('history' in job ? time(job) : run(job, points))}\n`);
}
