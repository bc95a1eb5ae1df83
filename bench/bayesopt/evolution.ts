// Measures whether the evolution of programs finds planted rules, next to random programs with the same budget.
import { writeFileSync } from 'node:fs';
import { type Expression, evaluateBatch, Optimizer, parseFormula, type ProgramValues } from '@gradsmith/bayesopt';
import { numberFrom, readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable, type Show } from '../lib/shows.ts';
import { minimizeNoisyQuadratic, minimizeQuadratic, MOMENTUM_TARGET, quadraticRules } from './update-rules.ts';

type Algorithm = 'evolution' | 'random';

/** A problem whose points are programs. */
interface ProgramProblem {
  readonly name: string;
  readonly program: ProgramValues;
  /** Value at or below which the rule is found. */
  readonly target: number;
  /** Searches out of ten that find it, at least; null: no target. */
  readonly wanted: number | null;
  evaluate(formula: string): number;
}

const SHAPE = { rows: 16, size: 128 };
const anyName = (name: string): Expression => ({ kind: 'variable', name });
const parse = (text: string): Expression => parseFormula(text, anyName, () => true);

/** Numbers that look normally distributed, the same in every run. */
function drawNormals(seed: number): Float64Array {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float64Array.from(
    { length: SHAPE.size },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

const errors = {
  d: drawNormals(1),
  z: drawNormals(2),
  n: drawNormals(3),
  ds: new Float64Array(SHAPE.size).fill(0.7),
  t: new Float64Array(SHAPE.size).fill(0.4),
};

/** √(2 − 2·cosine) of the angle between what a program gives and what the planted rule gives: 0 up to a factor. */
function measureDistance(formula: string, planted: string): number {
  const [given, wanted] = [formula, planted].map((text) => evaluateBatch(parse(text), errors, SHAPE)) as [
    Float64Array,
    Float64Array,
  ];
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const size = Math.sqrt(dot(given, given) * dot(wanted, wanted));
  return size > 1e-20 && Number.isFinite(size)
    ? Math.sqrt(Math.max(0, 2 - (2 * dot(given, wanted)) / size))
    : Number.NaN;
}

const step: ProgramValues = {
  type: 'program',
  operands: ['d', 'z', 'ds', 't', 'n'],
  functions: ['add', 'sub', 'mul', 'div', 'min', 'max', 'gt', 'abs', 'sign', 'square', 'tanh', 'sigmoid', 'rescale'],
  maxNodes: 11,
  constants: { low: -2, high: 2 },
  probes: { ds: 'abs(ds)', t: 'sigmoid(t)' },
};

const rule: ProgramValues = {
  type: 'program',
  operands: ['g', 'm', 'v', 'p', 'w'],
  functions: ['add', 'sub', 'mul', 'div', 'sqrt', 'square', 'sign', 'abs', 'clip'],
  maxNodes: 11,
  constants: { low: -2, high: 2 },
  probes: { v: 'abs(v)' },
};

const problems: readonly ProgramProblem[] = [
  {
    name: 'backpropagation through ReLU',
    program: step,
    target: 1e-6,
    wanted: 4,
    evaluate: (formula) => measureDistance(formula, 'd * (z > 0)'),
  },
  {
    name: 'backpropagation through softplus',
    program: { ...step, functions: step.functions.filter((name) => name !== 'sigmoid') },
    target: 0.05,
    wanted: null,
    evaluate: (formula) => measureDistance(formula, 'd * sigmoid(z)'),
  },
  {
    name: 'momentum with the gradient',
    program: quadraticRules,
    target: MOMENTUM_TARGET,
    wanted: 8,
    evaluate: minimizeQuadratic,
  },
  {
    name: 'an update rule as good as Adam',
    program: rule,
    target: minimizeNoisyQuadratic('m / (sqrt(v) + 0.001)'),
    wanted: 8,
    evaluate: minimizeNoisyQuadratic,
  },
];

interface Search {
  readonly best: number;
  readonly formula: string;
  /** Number of the first trial that reached the target; null if none did. */
  readonly found: number | null;
}

function runSearch(problem: ProgramProblem, algorithm: Algorithm, seed: number, trials: number): Search {
  const optimizer = new Optimizer({ rule: problem.program }, { algorithm, seed, initial: 40 });
  let found: number | null = null;
  for (let k = 0; k < trials; k++) {
    const { number, point } = optimizer.ask()!;
    const value = problem.evaluate(String(point['rule']));
    optimizer.tell(number, Number.isFinite(value) ? value : { status: 'failed' });
    if (value <= problem.target) found ??= number;
    if (found !== null) break;
  }
  const { value, point } = optimizer.best!;
  return { best: value, formula: String(point['rule']), found };
}

const options = readOptions({
  command: 'pnpm bench:evolution',
  does: ['Evolves programs for planted rules and for an update rule, next to random programs with the same budget.'],
  quick: 'three searches of each problem with 300 trials instead of ten with 1,000',
  options: {
    seeds: { takes: '<n>', meaning: 'searches of each problem by each algorithm', initial: '10', parse: numberFrom(1) },
    // The evolution was tuned on seeds from 0.
    first: { takes: '<seed>', meaning: 'the first seed', initial: '5000', parse: numberFrom(0) },
    trials: { takes: '<n>', meaning: 'trials of a search', initial: '1000', parse: numberFrom(41) },
    only: { takes: '<text>', meaning: 'problems whose name has it', initial: '', parse: (text: string) => text },
  },
  examples: ['pnpm bench:evolution --quick', 'pnpm bench:evolution --only ReLU --json evolution.json'],
});
const seeds = options.quick ? Math.min(3, options.seeds) : options.seeds;
const trials = options.quick ? Math.min(300, options.trials) : options.trials;

/** A search that finds the rule is better than one that does not, and an earlier one better than a later one. */
function isBetterSearch(a: Search, b: Search): boolean {
  if (a.found !== null || b.found !== null) return (a.found ?? Infinity) < (b.found ?? Infinity);
  return a.best < b.best;
}

function checkProblem({ name, wanted }: ProgramProblem, evolved: readonly Search[], drawn: readonly Search[]): Show[] {
  const wins = evolved.filter((each, i) => isBetterSearch(each, drawn[i]!)).length;
  const claim = checkClaim(`${name}: searches better than random`, wins, '', ['at least', Math.ceil(0.8 * seeds)]);
  if (wanted === null || options.quick) return [claim];
  const found = evolved.filter((each) => each.found !== null).length;
  return [
    claim,
    checkClaim(`${name}: searches that find it`, found, '', ['at least', Math.ceil((wanted * seeds) / 10)]),
  ];
}

console.log(`${trials} trials, seeds from ${options.first}\n`);
const shows: Show[] = [];
const results: object[] = [];
for (const problem of problems.filter(({ name }) => name.includes(options.only))) {
  const run = (algorithm: Algorithm): Search[] =>
    Array.from({ length: seeds }, (_, i) => runSearch(problem, algorithm, options.first + i, trials));
  const searches = { evolution: run('evolution'), random: run('random') };
  const rows = (['evolution', 'random'] as const).flatMap((algorithm) =>
    searches[algorithm].map(({ best, formula, found }, i) => [
      algorithm,
      String(options.first + i),
      best.toPrecision(3),
      found === null ? '-' : String(found),
      formula,
    ]),
  );
  console.log(`${problem.name} (target ${problem.target.toPrecision(3)})`);
  console.log(`${formatTable([['algorithm', 'seed', 'best', 'found at trial', 'formula'], ...rows])}\n`);
  results.push({ problem: problem.name, target: problem.target, ...searches });
  shows.push(...checkProblem(problem, searches.evolution, searches.random));
}
console.log(formatShows(shows));
if (options.json) writeFileSync(options.json, `${JSON.stringify({ trials, results, shows }, null, 2)}\n`);
if (shows.some(({ pass }) => pass === false)) process.exitCode = 1;
