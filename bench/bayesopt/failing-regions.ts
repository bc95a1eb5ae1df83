// Measures searches in which a part of the space fails: the share of the model's points that fail, and the best value.
import { Optimizer, type Algorithm, type Point, type SpaceDefinition } from '@gradsmith/bayesopt';
import { Command } from 'commander';

/** A problem to minimize that returns no value for a part of its space. */
interface FailingProblem {
  readonly name: string;
  readonly space: SpaceDefinition;
  evaluate(point: Point): number;
  /** Whether the evaluation of trial `number` fails. */
  fails(point: Point, number: number): boolean;
}

const training: SpaceDefinition = {
  batch: { type: 'int', low: 16, high: 1024, scale: 'log' },
  rate: { type: 'float', low: 1e-5, high: 1, scale: 'log' },
  width: { type: 'int', low: 16, high: 1024, scale: 'log' },
};
const MEMORY = 65_536;

/** Loss of a training run whose best batch and width are given; the best rate grows with the batch. */
function computeLoss(point: Point, bestBatch: number, bestWidth: number): number {
  const batch = Math.log2(Number(point.batch) / bestBatch);
  const width = Math.log2(Number(point.width) / bestWidth);
  const rate = Math.log10(Number(point.rate)) + 2 - 0.1 * Math.log2(Number(point.batch) / 128);
  return 0.05 * batch ** 2 + 0.08 * width ** 2 + Math.log1p(2 * rate ** 2) / 2;
}

const exceedsMemory = (point: Point): boolean => Number(point.batch) * Number(point.width) > MEMORY;

/** A coin that depends on the number alone, so that every algorithm meets the same failures. */
const isUnlucky = (number: number): boolean => Math.imul(number + 1, 0x9e3779b1) >>> 0 < 0.15 * 2 ** 32;

const problems: readonly FailingProblem[] = [
  {
    name: 'memory, optimum near the border',
    space: training,
    evaluate: (point) => computeLoss(point, 128, 448),
    fails: exceedsMemory,
  },
  {
    name: 'memory, optimum beyond the border',
    space: training,
    evaluate: (point) => computeLoss(point, 512, 1024),
    fails: exceedsMemory,
  },
  {
    name: 'memory by kind of network',
    space: {
      ...training,
      depth: { type: 'int', low: 1, high: 12 },
      network: { type: 'categorical', choices: ['mlp', 'cnn', 'resnet', 'transformer'] },
    },
    evaluate: (point) =>
      computeLoss(point, 256, 512) +
      0.02 * (Number(point.depth) - 8) ** 2 +
      { mlp: 0.6, cnn: 0.3, resnet: 0.1, transformer: 0 }[String(point.network)]!,
    fails: (point) => {
      const cost = { mlp: 0.1, cnn: 0.5, resnet: 1, transformer: 2 }[String(point.network)]!;
      return Number(point.batch) * Number(point.width) * Number(point.depth) * cost > 8 * MEMORY;
    },
  },
  {
    name: 'small feasible ball',
    space: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { type: 'float', low: 0, high: 1 }])),
    evaluate: (point) =>
      (Number(point.a) - 0.8) ** 2 + (Number(point.b) - 0.5) ** 2 + Number(point.c) + Number(point.d),
    fails: (point) => Math.hypot(...Object.values(point).map((x) => Number(x) - 0.45)) > 0.4,
  },
  {
    name: '15 % of all trials',
    space: training,
    evaluate: (point) => computeLoss(point, 128, 256),
    fails: (_, number) => isUnlucky(number),
  },
];

interface Search {
  readonly algorithm: Algorithm;
  readonly seed: number;
  readonly trials: number;
  readonly pending: number;
  readonly noisy: boolean;
}

const INITIAL = 10;

/** Runs a search. Returns the share of the trials after the initial ones that failed, and the best value. */
function runSearch(problem: FailingProblem, search: Search): { failed: number; total: number; best: number } {
  const { algorithm, seed, trials, pending, noisy } = search;
  const settings = { algorithm, seed, initial: INITIAL };
  const optimizer = new Optimizer(problem.space, noisy ? { ...settings, noisy } : settings);
  const waiting: NonNullable<ReturnType<Optimizer['ask']>>[] = [];
  const settle = (): void => {
    const { number, point } = waiting.shift()!;
    optimizer.tell(number, problem.fails(point, number) ? { status: 'failed' } : problem.evaluate(point));
  };
  for (let number = 0; number < trials; number++) {
    if (waiting.length > pending) settle();
    waiting.push(optimizer.ask()!);
  }
  while (waiting.length > 0) settle();
  const failures = optimizer.history.filter(({ status }) => status === 'failed');
  const failed = failures.filter(({ number }) => number >= INITIAL).length;
  return { failed, total: failures.length, best: optimizer.best?.value ?? Infinity };
}

function findMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const { seeds, trials, pending, noisy, only, algorithms } = new Command('failing-regions')
  .option('--seeds <count>', 'searches per problem and algorithm', Number, 8)
  .option('--trials <count>', 'trials of a search', Number, 60)
  .option('--pending <count>', 'trials that are pending at each suggestion', Number, 0)
  .option('--noisy', 'use noisy expected improvement', false)
  .option('--only <text>', 'problems whose name contains this', '')
  .option('--algorithms <names>', 'comma-separated', 'gp,tpe,random')
  .parse()
  .opts<{ seeds: number; trials: number; pending: number; noisy: boolean; only: string; algorithms: string }>();

console.log(`${trials} trials, ${INITIAL} initial, ${pending} pending, ${seeds} seeds`);
for (const problem of problems.filter(({ name }) => name.includes(only))) {
  console.log(`\n${problem.name}`);
  for (const algorithm of algorithms.split(',') as Algorithm[]) {
    const started = process.cpuUsage();
    const results = Array.from({ length: seeds }, (_, seed) =>
      runSearch(problem, { algorithm, seed, trials, pending, noisy }),
    );
    const { user } = process.cpuUsage(started);
    const share = results.reduce((sum, { failed }) => sum + failed, 0) / seeds / (trials - INITIAL);
    const best = results.map((result) => result.best).sort((a, b) => a - b);
    console.log(
      `  ${algorithm.padEnd(6)} failed of ${trials - INITIAL}: ${results.map(({ failed }) => failed).join(' ')}` +
        ` (${(100 * share).toFixed(0)} %); best: median ${findMedian(best).toPrecision(3)},` +
        ` worst ${best.at(-1)!.toPrecision(3)}; ${(user / 1000 / seeds / trials).toFixed(0)} ms a trial`,
    );
  }
}
