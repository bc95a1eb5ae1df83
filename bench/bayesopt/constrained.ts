// Compares searches with measured constraints with those of Optuna. See README.md.
import { writeFileSync } from 'node:fs';
import type { Parameter, Point, SpaceDefinition } from '@gradsmith/bayesopt';
import { readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable } from '../lib/shows.ts';
import { problemOptions } from './search-options.ts';
import { findQuantile, formatSuite, measureSuite, startPeer } from './suite.ts';
import { createOwnTrialSearcher, createPeerTrialSearcher, type Measured, type TrialProblem } from './trial-suite.ts';

/** The least value of a feasible trial; Infinity if there is none. */
function findLeastFeasible(trials: readonly Measured[]): number {
  return trials.reduce(
    (least, trial) =>
      'value' in trial && trial.violations.every((each) => each <= 0) ? Math.min(least, trial.value) : least,
    Infinity,
  );
}

interface Formula {
  readonly name: string;
  readonly space: SpaceDefinition;
  readonly minimum: number;
  readonly budget: number;
  evaluate(x: readonly number[]): number;
  violate(x: readonly number[]): number[];
}

function toProblem({ evaluate, violate, ...formula }: Formula): TrialProblem {
  const names = Object.keys(formula.space);
  return {
    ...formula,
    initial: 10,
    measure(point: Point) {
      const x = names.map((name) => Number(point[name]));
      return { value: evaluate(x), violations: violate(x) };
    },
    score: findLeastFeasible,
  };
}

const float = (low: number, high: number): Parameter => ({ type: 'float', low, high });
const { sin, cos, atan2, PI, sqrt } = Math;

/** Simulations 1 and 2 of Gardner et al. 2014, "Bayesian optimization with inequality constraints". */
const gardner1: Formula = {
  name: 'Gardner 1',
  space: { x: float(0, 6), y: float(0, 6) },
  minimum: -2,
  budget: 40,
  evaluate: ([x, y]) => cos(2 * x!) * cos(y!) + sin(x!),
  violate: ([x, y]) => [cos(x!) * cos(y!) - sin(x!) * sin(y!) - 0.5],
};
const gardner2: Formula = {
  name: 'Gardner 2',
  space: { x: float(0, 6), y: float(0, 6) },
  minimum: 0.2532358975,
  budget: 40,
  evaluate: ([x, y]) => sin(x!) + y!,
  violate: ([x, y]) => [sin(x!) * sin(y!) + 0.95],
};

/** Townsend 2014, "Constrained optimization in Chebfun": a heart-shaped region. */
const townsend: Formula = {
  name: 'Townsend',
  space: { x: float(-2.25, 2.25), y: float(-2.5, 1.75) },
  minimum: -2.0239884,
  budget: 40,
  evaluate: ([x, y]) => -(cos((x! - 0.1) * y!) ** 2) - x! * sin(3 * x! + y!),
  violate: ([x, y]) => {
    const t = atan2(x!, y!);
    const radius = 2 * cos(t) - cos(2 * t) / 2 - cos(3 * t) / 4 - cos(4 * t) / 8;
    return [x! ** 2 + y! ** 2 - radius ** 2 - (2 * sin(t)) ** 2];
  },
};

/** Welded beam and pressure vessel as in Coello Coello & Montes 2002. */
const weldedBeam: Formula = {
  name: 'welded beam',
  space: { h: float(0.1, 2), l: float(0.1, 10), t: float(0.1, 10), b: float(0.1, 2) },
  minimum: 1.724852,
  budget: 80,
  evaluate: ([h, l, t, b]) => 1.10471 * h! ** 2 * l! + 0.04811 * t! * b! * (14 + l!),
  violate([h, l, t, b]) {
    const [load, length, modulus, shear] = [6000, 14, 30e6, 12e6];
    const radius = sqrt(l! ** 2 / 4 + ((h! + t!) / 2) ** 2);
    const polar = 2 * Math.SQRT2 * h! * l! * (l! ** 2 / 12 + ((h! + t!) / 2) ** 2);
    const primary = load / (Math.SQRT2 * h! * l!);
    const secondary = (load * (length + l! / 2) * radius) / polar;
    const tau = sqrt(primary ** 2 + (primary * secondary * l!) / radius + secondary ** 2);
    const buckling =
      ((4.013 * modulus * sqrt((t! ** 2 * b! ** 6) / 36)) / length ** 2) *
      (1 - (t! / (2 * length)) * sqrt(modulus / (4 * shear)));
    return [
      tau - 13_600,
      (6 * load * length) / (b! * t! ** 2) - 30_000,
      h! - b!,
      0.10471 * h! ** 2 + 0.04811 * t! * b! * (14 + l!) - 5,
      0.125 - h!,
      (4 * load * length ** 3) / (modulus * t! ** 3 * b!) - 0.25,
      load - buckling,
    ];
  },
};
const pressureVessel: Formula = {
  name: 'pressure vessel',
  space: {
    shell: { type: 'int', low: 1, high: 99 },
    head: { type: 'int', low: 1, high: 99 },
    radius: float(10, 200),
    length: float(10, 240),
  },
  minimum: 6059.714335,
  budget: 80,
  evaluate([a, b, r, l]) {
    const [shell, head] = [a! / 16, b! / 16];
    return 0.6224 * shell * r! * l! + 1.7781 * head * r! ** 2 + 3.1661 * shell ** 2 * l! + 19.84 * shell ** 2 * r!;
  },
  violate: ([a, b, r, l]) => [
    0.0193 * r! - a! / 16,
    0.00954 * r! - b! / 16,
    1_296_000 - PI * r! ** 2 * l! - (4 / 3) * PI * r! ** 3,
  ],
};

const options = readOptions({
  command: 'node bench/bayesopt/constrained.ts',
  does: ['Searches problems with measured constraints with our optimizer and the samplers of Optuna.'],
  quick: 'one seed of Gardner 1 with 20 trials',
  options: problemOptions,
  examples: ['node bench/bayesopt/constrained.ts --quick', 'node bench/bayesopt/constrained.ts --seeds 10'],
});
const { peer, circumstances } = await startPeer('optuna');
using _stopped = peer;
const methods = {
  gp: createOwnTrialSearcher('gp'),
  tpe: createOwnTrialSearcher('tpe'),
  random: createOwnTrialSearcher('random'),
  'optuna-gp': createPeerTrialSearcher(peer, 'optuna-gp'),
  'optuna-tpe': createPeerTrialSearcher(peer, 'optuna-tpe'),
  'optuna-nsga-ii': createPeerTrialSearcher(peer, 'optuna-nsga-ii', { population: 20 }),
  'optuna-random': createPeerTrialSearcher(peer, 'optuna-random'),
};
const formulas = options.quick
  ? [{ ...gardner1, budget: 20 }]
  : [gardner1, gardner2, townsend, weldedBeam, pressureVessel].slice(0, options.problems);
const problems = formulas.map(toProblem);
const seeds = options.quick ? 1 : options.seeds;
const rows = await measureSuite(problems, methods, { first: options.first, seeds });
const shows = problems.flatMap(({ name }) => {
  const median = (method: string): number =>
    findQuantile(rows.find((row) => row.problem === name && row.method === method)!.regrets);
  const peers = Object.keys(methods).filter((method) => method.startsWith('optuna'));
  const claim = (method: string, others: readonly string[]) =>
    checkClaim(`${name}: median regret of ${method}`, median(method), '', [
      'at most',
      Number(Math.min(...others.map(median)).toPrecision(3)),
    ]);
  return [claim('gp', peers), claim('tpe', ['optuna-tpe'])];
});
console.log(`${circumstances}; ${seeds} seeds from ${options.first}\n`);
console.log(`${formatTable(formatSuite(rows))}\n\n${formatShows(shows)}`);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ circumstances, shows, rows }, null, 1)}\n`);
