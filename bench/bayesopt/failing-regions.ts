// Measures searches in which a part of the space fails: the share of the model's points that fail, and the best value.
import { writeFileSync } from 'node:fs';
import { Optimizer, type Algorithm, type Point, type SpaceDefinition } from '@gradsmith/bayesopt';
import { numberFrom, oneOf, readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable, type Show } from '../lib/shows.ts';

/** A problem to minimize that returns no value for a part of its space. */
interface FailingProblem {
  readonly name: string;
  readonly space: SpaceDefinition;
  evaluate(point: Point): number;
  /** Whether the evaluation of trial `number` fails. */
  fails(point: Point, number: number): boolean;
  /** The share of `gp`'s points that failed before it learned where trials fail (seeds 0 to 7); null: no target. */
  readonly before: number | null;
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
    before: 0.36,
  },
  {
    name: 'memory, optimum beyond the border',
    space: training,
    evaluate: (point) => computeLoss(point, 512, 1024),
    fails: exceedsMemory,
    before: 0.69,
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
    before: 0.58,
  },
  {
    name: 'small feasible ball',
    space: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { type: 'float', low: 0, high: 1 }])),
    evaluate: (point) =>
      (Number(point.a) - 0.8) ** 2 + (Number(point.b) - 0.5) ** 2 + Number(point.c) + Number(point.d),
    fails: (point) => Math.hypot(...Object.values(point).map((x) => Number(x) - 0.45)) > 0.4,
    before: 0.8,
  },
  {
    name: '15 % of all trials',
    space: training,
    evaluate: (point) => computeLoss(point, 128, 256),
    fails: (_, number) => isUnlucky(number),
    before: null,
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

interface Row {
  readonly problem: string;
  readonly algorithm: Algorithm;
  /** Failed trials after the initial ones, for each seed. */
  readonly failed: readonly number[];
  /** Share of the trials after the initial ones that failed. */
  readonly share: number;
  readonly medianBest: number;
  readonly worstBest: number;
  readonly millisecondsPerTrial: number;
}

const options = readOptions({
  command: 'node bench/bayesopt/failing-regions.ts',
  does: ['Searches problems in which a part of the space fails, and counts the points of the model that fail.'],
  quick: 'two seeds of each search instead of eight, about a minute',
  options: {
    seeds: { takes: '<n>', meaning: 'searches of each problem by each algorithm', initial: '8', parse: numberFrom(1) },
    // The optimizer was tuned on small seeds.
    first: { takes: '<seed>', meaning: 'the first seed', initial: '5000', parse: numberFrom(0) },
    trials: { takes: '<n>', meaning: 'trials of a search', initial: '60', parse: numberFrom(INITIAL + 1) },
    pending: { takes: '<n>', meaning: 'trials pending at each suggestion', initial: '0', parse: numberFrom(0) },
    noisy: { takes: '<yes|no>', meaning: 'noisy improvement', initial: 'no', parse: oneOf('yes', 'no') },
    only: { takes: '<text>', meaning: 'problems whose name has it', initial: '', parse: (text: string) => text },
    algorithms: {
      takes: '<a,a,…>',
      meaning: 'algorithms',
      initial: 'gp,tpe,random',
      parse: (text: string) => text.split(',').map(oneOf('gp', 'tpe', 'random')),
    },
  },
  examples: ['node bench/bayesopt/failing-regions.ts --quick', 'node bench/bayesopt/failing-regions.ts --pending 4'],
});

const seeds = options.quick ? Math.min(2, options.seeds) : options.seeds;

function measure(problem: FailingProblem, algorithm: Algorithm): Row {
  const { first, trials, pending, noisy } = options;
  const started = process.cpuUsage();
  const results = Array.from({ length: seeds }, (_, i) =>
    runSearch(problem, { algorithm, seed: first + i, trials, pending, noisy: noisy === 'yes' }),
  );
  const { user } = process.cpuUsage(started);
  const best = results.map((result) => result.best);
  const failed = results.map((result) => result.failed);
  return {
    problem: problem.name,
    algorithm,
    failed,
    share: failed.reduce((sum, count) => sum + count, 0) / seeds / (trials - INITIAL),
    medianBest: findMedian(best),
    worstBest: Math.max(...best),
    millisecondsPerTrial: user / 1000 / seeds / trials,
  };
}

function formatRow({ problem, algorithm, failed, share, medianBest, worstBest, millisecondsPerTrial }: Row): string[] {
  const values = [medianBest.toPrecision(3), worstBest.toPrecision(3), millisecondsPerTrial.toFixed(0)];
  return [problem, algorithm, failed.join(' '), `${(100 * share).toFixed(0)} %`, ...values];
}

/** What remains of a share of failures that were not learned. */
const LEARNED = 2 / 3;

/** Claims about `gp`: few points fail, and the best value is at least as good as that of random points. */
function checkProblem({ name, before }: FailingProblem, rows: readonly Row[]): Show[] {
  const find = (algorithm: Algorithm) => rows.find((row) => row.problem === name && row.algorithm === algorithm);
  const [gp, random] = [find('gp'), find('random')];
  if (!gp) return [];
  const failures =
    before === null
      ? []
      : [checkClaim(`${name}: points that fail`, gp.share, '', ['at most', Number((LEARNED * before).toPrecision(2))])];
  if (!random) return failures;
  const bound = Number(random.medianBest.toPrecision(3));
  return [...failures, checkClaim(`${name}: median best, against random`, gp.medianBest, '', ['at most', bound])];
}

console.log(`${options.trials} trials, ${INITIAL} initial, ${options.pending} pending, seeds from ${options.first}\n`);
const measured = problems.filter(({ name }) => name.includes(options.only));
const rows = measured.flatMap((problem) => options.algorithms.map((algorithm) => measure(problem, algorithm)));
const shows = measured.flatMap((problem) => checkProblem(problem, rows));
const head = ['problem', 'algorithm', 'failed, for each seed', 'share', 'median best', 'worst best', 'ms a trial'];
console.log(`${formatTable([head, ...rows.map(formatRow)])}\n\n${formatShows(shows)}`);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ quick: options.quick, shows, rows }, null, 1)}\n`);
