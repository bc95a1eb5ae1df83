// Compares searches with two and three objectives with those of Optuna. See README.md.
import { writeFileSync } from 'node:fs';
import { computeHypervolume, suggestPoint, type Observation, type Parameter, type Point } from '@gradsmith/bayesopt';
import { readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable } from '../lib/shows.ts';
import { createUniforms } from './protocol.ts';
import { problemOptions } from './search-options.ts';
import { findQuantile, formatSuite, measureSuite, startPeer } from './suite.ts';
import {
  createOwnTrialSearcher,
  createPeerTrialSearcher,
  type TrialProblem,
  type TrialSearcher,
} from './trial-suite.ts';

interface Formula {
  readonly name: string;
  readonly dimensions: number;
  readonly reference: readonly number[];
  /** The hypervolume of the whole front. */
  readonly largest: number;
  readonly budget: number;
  evaluate(x: readonly number[]): number[];
}

const { sin, cos, sqrt, exp, PI } = Math;

/** ZDT1 to ZDT3 (Zitzler, Deb & Thiele 2000), from f1 and g to f2. */
function zdt(name: string, largest: number, h: (f1: number, g: number) => number): Formula {
  return {
    name,
    dimensions: 6,
    reference: [1.1, 1.1],
    largest,
    budget: 60,
    evaluate([f1, ...rest]) {
      const g = 1 + (9 * rest.reduce((sum, x) => sum + x, 0)) / rest.length;
      return [f1!, g * h(f1!, g)];
    },
  };
}
const zdt1 = zdt('ZDT1', 0.8766667, (f1, g) => 1 - sqrt(f1 / g));
const zdt2 = zdt('ZDT2', 0.5433333, (f1, g) => 1 - (f1 / g) ** 2);
const zdt3 = zdt('ZDT3', 1.3317625, (f1, g) => 1 - sqrt(f1 / g) - (f1 / g) * sin(10 * PI * f1));

/** DTLZ2 with three objectives (Deb, Thiele, Laumanns & Zitzler 2002): the front is an eighth of a sphere. */
const dtlz2: Formula = {
  name: 'DTLZ2, 3 objectives',
  dimensions: 6,
  reference: [1.1, 1.1, 1.1],
  largest: 1.331 - PI / 6,
  budget: 60,
  evaluate([a, b, ...rest]) {
    const g = 1 + rest.reduce((sum, x) => sum + (x - 0.5) ** 2, 0);
    const [u, v] = [(a! * PI) / 2, (b! * PI) / 2];
    return [g * cos(u) * cos(v), g * cos(u) * sin(v), g * sin(u)];
  },
};

/** Branin and Currin (Belakaria, Deshwal & Doppa 2019), as in BoTorch. */
const braninCurrin: Formula = {
  name: 'Branin-Currin',
  dimensions: 2,
  reference: [18, 6],
  largest: 59.36011874867746,
  budget: 40,
  evaluate([u, v]) {
    const [x, y] = [15 * u! - 5, 15 * v!];
    const branin = (y - (5.1 / (4 * PI * PI)) * x * x + (5 / PI) * x - 6) ** 2 + 10 * (1 - 1 / (8 * PI)) * cos(x) + 10;
    const factor = v === 0 ? 1 : 1 - exp(-1 / (2 * v!));
    const currin =
      (factor * (2300 * u! ** 3 + 1900 * u! ** 2 + 2092 * u! + 60)) / (100 * u! ** 3 + 500 * u! ** 2 + 4 * u! + 20);
    return [branin, currin];
  },
};

const unit: Parameter = { type: 'float', low: 0, high: 1 };

/** The score is the share of the largest hypervolume that is missing. */
function toProblem({ dimensions, reference, largest, evaluate, name, budget }: Formula): TrialProblem {
  const names = Array.from({ length: dimensions }, (_, i) => `x${i}`);
  return {
    name: `${name}, ${budget} trials`,
    space: Object.fromEntries(names.map((each) => [each, unit])),
    minimum: 0,
    budget,
    initial: 10,
    objectives: reference.length,
    measure: (point: Point) => ({ values: evaluate(names.map((each) => Number(point[each]))) }),
    score: (trials) =>
      1 -
      computeHypervolume(
        trials.flatMap((trial) => ('values' in trial ? [trial.values] : [])),
        reference,
      ) /
        largest,
  };
}

/**
 * Searches by ParEGO (Knowles 2006) with our Gaussian process: each suggestion improves the augmented Tchebycheff
 * scalarization of the normalized objectives under fresh random weights.
 */
const searchParego: TrialSearcher = async (problem, seed) => {
  const { space, budget, initial } = problem;
  const settings = { algorithm: 'gp', initial, seed, direction: 'minimize' } as const;
  const trials: { point: Point; values: number[] }[] = [];
  while (trials.length < budget) {
    const uniform = createUniforms(Math.imul(seed + 1, 0x9e3779b1) ^ trials.length);
    const history = scalarizeTrials(trials, uniform);
    const suggestion = suggestPoint({ space, settings, history, number: trials.length });
    if (suggestion.kind !== 'point') break;
    const measured = problem.measure(suggestion.point);
    if ('values' in measured) trials.push({ point: suggestion.point, values: measured.values });
  }
  return [problem.score(trials)];
};

function scalarizeTrials(
  trials: readonly { point: Point; values: readonly number[] }[],
  uniform: () => number,
): Observation[] {
  const draws = trials[0]?.values.map(() => -Math.log(1 - uniform())) ?? [];
  const total = draws.reduce((sum, draw) => sum + draw, 0);
  const lows = draws.map((_, m) => Math.min(...trials.map(({ values }) => values[m]!)));
  const highs = draws.map((_, m) => Math.max(...trials.map(({ values }) => values[m]!)));
  return trials.map(({ point, values }, number) => {
    const terms = values.map((value, m) => ((draws[m]! / total) * (value - lows[m]!)) / (highs[m]! - lows[m]! || 1));
    const value = Math.max(...terms) + 0.05 * terms.reduce((sum, term) => sum + term, 0);
    return { number, point, status: 'complete', value };
  });
}

const options = readOptions({
  command: 'node bench/bayesopt/pareto.ts',
  does: ['Searches problems with several objectives with our optimizer and the samplers of Optuna.'],
  quick: 'one seed of Branin-Currin with 20 trials',
  options: problemOptions,
  examples: ['node bench/bayesopt/pareto.ts --quick', 'node bench/bayesopt/pareto.ts --seeds 10'],
});
const { peer, circumstances } = await startPeer('optuna');
using _stopped = peer;
const nsga = { 'nsga-ii': createOwnTrialSearcher('nsga-ii') };
const peerNsga = { 'optuna-nsga-ii': createPeerTrialSearcher(peer, 'optuna-nsga-ii', { population: 20 }) };
const methods = {
  gp: createOwnTrialSearcher('gp'),
  parego: searchParego,
  ...nsga,
  random: createOwnTrialSearcher('random'),
  'optuna-gp': createPeerTrialSearcher(peer, 'optuna-gp'),
  'optuna-tpe': createPeerTrialSearcher(peer, 'optuna-tpe'),
  ...peerNsga,
  'optuna-random': createPeerTrialSearcher(peer, 'optuna-random'),
};
/** Evolution needs more trials than a model. */
const LONG = 400;
const all = [braninCurrin, zdt1, zdt2, zdt3, dtlz2].slice(0, options.problems);
const short = (options.quick ? [{ ...braninCurrin, budget: 20 }] : all).map(toProblem);
const long = options.quick ? [] : all.map((formula) => toProblem({ ...formula, budget: LONG }));
const seeds = options.quick ? 1 : options.seeds;
const rows = [
  ...(await measureSuite(short, methods, { first: options.first, seeds })),
  ...(await measureSuite(long, { ...nsga, random: methods.random, ...peerNsga }, { first: options.first, seeds })),
];
const median = (problem: string, method: string): number =>
  findQuantile(rows.find((row) => row.problem === problem && row.method === method)!.regrets);
const claim = (problem: string, method: string, others: readonly string[]) =>
  checkClaim(`${problem}: missing hypervolume of ${method}`, median(problem, method), '', [
    'at most',
    Number(Math.min(...others.map((other) => median(problem, other))).toPrecision(3)),
  ]);
const peers = Object.keys(methods).filter((method) => method.startsWith('optuna'));
const shows = [
  ...short.flatMap(({ name }) => [claim(name, 'gp', peers), claim(name, 'gp', ['parego'])]),
  ...long.map(({ name }) => claim(name, 'nsga-ii', ['optuna-nsga-ii'])),
];
console.log(`${circumstances}; ${seeds} seeds from ${options.first}; missing share of the largest hypervolume\n`);
console.log(`${formatTable(formatSuite(rows))}\n\n${formatShows(shows)}`);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ circumstances, shows, rows }, null, 1)}\n`);
