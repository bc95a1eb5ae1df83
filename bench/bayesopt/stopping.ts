// What search.stop.improvement saves and what it costs: searches with our optimizer on small problems, without noise
// and with noise, each run to its budget. For each threshold, where the rule would have stopped the search, and the
// regret there and at the end.
import { writeFileSync } from 'node:fs';
import { suggestPoint, type Observation, type Outlook } from '@gradsmith/bayesopt';
import { InvalidArgumentError } from 'commander';
import { readOptions } from '../lib/options.ts';
import type { Problem } from './functions.ts';
import { addNoise, findProblem } from './protocol.ts';

/** Problems of few dimensions, and the noise that they are searched with, as well as none. */
const NOISE = { 'branin-2': 1, 'hartmann-3': 0.1, 'mixed-6': 0.05, 'meta-network-4': 0.005, 'hartmann-6': 0.1 };
const INITIAL = 10;
/** Suggestions in a row under the threshold after which a search stops, as in the coordinator. */
const IN_A_ROW = 5;
/** Thresholds as shares of the noise. */
const SHARES = [1, 0.3, 0.1, 0.03];
/** Absolute thresholds as shares of the range of the initial values, for problems without noise. */
const RANGES = [0.01, 0.001, 0.0001];

/** What was known when trial `number` was suggested. */
interface Moment {
  number: number;
  outlook: Outlook;
  /** Noiseless regret of the best trial so far, as its values ranked it. */
  regret: number;
}

interface Search {
  problem: string;
  noise: number;
  seed: number;
  budget: number;
  /** Range of the initial values. */
  range: number;
  moments: Moment[];
  finalRegret: number;
}

function runSearch(problem: Problem, noise: number, seed: number): Search {
  const noisy: Problem = { ...problem, noise };
  const settings = { algorithm: 'gp', initial: INITIAL, seed, direction: 'minimize' } as const;
  const history: (Observation & { value: number })[] = [];
  const moments: Moment[] = [];
  const measureRegret = (): number => {
    const best = history.reduce((least, one) => (one.value < least.value ? one : least));
    return problem.evaluate(best.point) - problem.minimum;
  };
  for (let number = 0; number < problem.budget; number++) {
    const suggestion = suggestPoint({ space: problem.space, settings, history, number });
    if (suggestion.kind === 'exhausted') break;
    const { point, model, outlook } = suggestion;
    if (outlook) moments.push({ number, outlook, regret: measureRegret() });
    const value = addNoise(noisy, problem.evaluate(point), seed, number);
    const observation = { number, point, value, status: 'complete' } as const;
    history.push(model ? { ...observation, model } : observation);
  }
  const first = history.slice(0, INITIAL).map(({ value }) => value);
  const range = Math.max(...first) - Math.min(...first);
  return { problem: problem.name, noise, seed, budget: problem.budget, range, moments, finalRegret: measureRegret() };
}

/** Returns the moment at which the rule stops the search, or null. The trial that was suggested then still runs. */
function findStop({ moments }: Search, isBelow: (outlook: Outlook) => boolean): Moment | null {
  let inARow = 0;
  for (const moment of moments) {
    inARow = isBelow(moment.outlook) ? inARow + 1 : 0;
    if (inARow === IN_A_ROW) return moment;
  }
  return null;
}
/** What a threshold saves and costs in the searches of one problem. */
interface Row {
  problem: string;
  noise: number;
  rule: string;
  /** Searches that stopped before their budget. */
  stopped: string;
  /** Share of the trials that were not run, of all searches. */
  saved: number;
  /** Median regret where the searches stopped, and at their budget. */
  regret: number;
  finalRegret: number;
}

function summarizeRule(searches: readonly Search[], rule: string, isBelow: Rule): Row {
  const { problem, noise, budget } = searches[0]!;
  const stops = searches.map((search) => findStop(search, (outlook) => isBelow(outlook, search)));
  // The trial that was proposed last still runs.
  const run = stops.map((stop) => (stop ? Math.min(budget, stop.number + 1) : budget));
  return {
    problem,
    noise,
    rule,
    stopped: `${stops.filter(Boolean).length}/${searches.length}`,
    saved: 1 - run.reduce((sum, count) => sum + count, 0) / (budget * searches.length),
    regret: computeMedian(searches.map((search, i) => stops[i]?.regret ?? search.finalRegret)),
    finalRegret: computeMedian(searches.map(({ finalRegret }) => finalRegret)),
  };
}

type Rule = (outlook: Outlook, search: Search) => boolean;

const rules: [string, Rule][] = [
  ...SHARES.map((share): [string, Rule] => [
    `${share} x noise`,
    ({ improvement, noise }) => improvement < share * noise,
  ]),
  ...RANGES.map((share): [string, Rule] => [
    `${share} x range`,
    ({ improvement }, { range }) => improvement < share * range,
  ]),
];

function computeMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

function printRows(rows: readonly Row[]): void {
  console.log('problem         noise  threshold        stopped  saved   regret   at the budget');
  for (const { problem, noise, rule, stopped, saved, regret, finalRegret } of rows) {
    const cells = [problem.padEnd(15), String(noise).padEnd(6), rule.padEnd(16), stopped.padEnd(8)];
    const numbers = [
      `${(100 * saved).toFixed(0)} %`.padStart(5),
      regret.toExponential(1),
      finalRegret.toExponential(1),
    ];
    console.log([...cells, ...numbers].join(' '));
  }
}

const values = readOptions({
  command: 'pnpm bench:stopping',
  does: ['What search.stop.improvement saves and what it costs, on problems of bench:bayesopt. Minutes.'],
  quick: 'two seeds, without the slowest problem',
  options: {
    seeds: {
      takes: '<n>',
      meaning: 'searches for each problem',
      initial: '10',
      parse(text: string) {
        const count = Number(text);
        if (Number.isInteger(count) && count > 0) return count;
        throw new InvalidArgumentError('a whole number from 1 is needed');
      },
    },
  },
  examples: ['pnpm bench:stopping', 'pnpm bench:stopping --seeds 20 --json stopping.json'],
});
const rows: Row[] = [];
for (const [name, noise] of Object.entries(NOISE)) {
  if (values.quick && name === 'hartmann-6') continue;
  for (const level of [0, noise]) {
    const seeds = Array.from({ length: values.quick ? 2 : values.seeds }, (_, seed) => seed);
    const searches = seeds.map((seed) => runSearch(findProblem(name), level, seed));
    for (const [rule, isBelow] of rules) rows.push(summarizeRule(searches, rule, isBelow));
    console.error(`${name}, noise ${level}: done`);
    if (values.json) writeFileSync(values.json, `${JSON.stringify({ rows }, null, 2)}\n`);
  }
}
printRows(rows);
