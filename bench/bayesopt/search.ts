// Runs searches with our optimizer. Reads jobs as JSON lines and writes one answer line for each; see protocol.ts.
import { createInterface } from 'node:readline';
import { Optimizer, type Observation, type Outcome, type Point } from '@gradsmith/bayesopt';
import { findProblem, addNoise, type Job, type SearchResult, type TimingJob } from './protocol.ts';

function createOptimizer({ problem, initial, seed }: Job | TimingJob, history: readonly Observation[] = []): Optimizer {
  const { space, noise } = findProblem(problem);
  const settings = { algorithm: 'gp', initial, seed } as const;
  return new Optimizer(space, noise > 0 ? { ...settings, noisy: true } : settings, history);
}

/** Measures the CPU milliseconds of `ask`, which other programs on the machine affect less than wall time. */
function measureAsk(optimizer: Optimizer): { trial: NonNullable<ReturnType<Optimizer['ask']>>; elapsed: number } {
  const started = process.cpuUsage();
  const trial = optimizer.ask();
  const { user, system } = process.cpuUsage(started);
  const elapsed = Math.round((user + system) / 10) / 100;
  if (!trial) throw new RangeError('the space is exhausted before the budget');
  return { trial, elapsed };
}

/** Runs a search. @param points given points to start from */
function runSearch(job: Job, points: readonly Point[] = []): SearchResult {
  const problem = findProblem(job.problem);
  const optimizer = createOptimizer(job);
  for (const point of points) optimizer.enqueue(point);
  const truths: number[] = [];
  const toOutcome = createCensor(job.censor);
  const waiting: NonNullable<ReturnType<Optimizer['ask']>>[] = [];
  const milliseconds: number[] = [];
  const settle = (): void => {
    const { number, point } = waiting.shift()!;
    const truth = problem.evaluate(point);
    const outcome = toOutcome(addNoise(problem, truth, job.seed, number));
    truths.push(outcome.status === 'complete' ? truth : Infinity);
    optimizer.tell(number, outcome);
  };
  for (let number = 0; number < job.budget; number++) {
    if (waiting.length > job.pending) settle();
    const { trial, elapsed } = measureAsk(optimizer);
    if (number >= Math.max(job.initial, points.length)) milliseconds.push(elapsed);
    waiting.push(trial);
  }
  while (waiting.length > 0) settle();
  const censored = truths.filter((truth) => truth === Infinity).length;
  const result = { ...job, improvements: listImprovements(truths), milliseconds };
  return job.censor ? { ...result, censored } : result;
}

function listImprovements(truths: readonly number[]): [number, number][] {
  const steps: [number, number][] = [];
  truths.forEach((truth, number) => {
    if (truth < (steps.at(-1)?.[1] ?? Infinity)) steps.push([number, truth]);
  });
  return steps;
}

/**
 * Creates the function that turns a value into an outcome. Two of three trials that do not improve the best value are
 * pruned half-way to it (or failed); all others are complete.
 */
function createCensor(censor: Job['censor']): (value: number) => Outcome & { status: string } {
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

function runTiming(job: TimingJob): object {
  const problem = findProblem(job.problem);
  const history = job.history.map(([point, value], number) => ({ number, point, value, status: 'complete' as const }));
  const optimizer = createOptimizer(job, history);
  const milliseconds: number[] = [];
  for (let k = 0; k < job.asks; k++) {
    const { trial, elapsed } = measureAsk(optimizer);
    milliseconds.push(elapsed);
    optimizer.tell(trial.number, problem.evaluate(trial.point));
  }
  const { history: _, ...rest } = job;
  return { ...rest, milliseconds };
}

process.stdout.write(`${JSON.stringify({ versions: { node: process.versions.node, v8: process.versions.v8 } })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { points, ...job } = JSON.parse(line) as (Job | TimingJob) & { points?: Point[] };
  process.stdout.write(`${JSON.stringify('history' in job ? runTiming(job) : runSearch(job, points))}\n`);
}
