// Compares cma-es with the Python package cma on rotated functions. See README.md.
import { writeFileSync } from 'node:fs';
import { suggestPoints, type Observation, type Parameter, type Point } from '@gradsmith/bayesopt';
import { numberFrom, readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable } from '../lib/shows.ts';
import { createUniforms, drawNoise } from './protocol.ts';
import {
  createPeerSearcher,
  findQuantile,
  formatSuite,
  measureSuite,
  startPeer,
  type Searcher,
  type SuiteProblem,
} from './suite.ts';

const BOUND = 5;

/** Creates an orthogonal matrix from normal draws by Gram–Schmidt, as rows. */
function createRotation(d: number): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < d; i++) {
    let row = Array.from({ length: d }, (_, j) => drawNoise(1000 + i, j));
    for (const other of rows) {
      const product = row.reduce((sum, x, j) => sum + x * other[j]!, 0);
      row = row.map((x, j) => x - product * other[j]!);
    }
    const length = Math.hypot(...row);
    rows.push(row.map((x) => x / length));
  }
  return rows;
}

/** Functions of rotated and shifted coordinates, as in the BBOB test bed (Hansen et al. 2009). The least value is 0. */
const functions: Readonly<Record<string, (z: readonly number[]) => number>> = {
  sphere: (z) => z.reduce((sum, x) => sum + x * x, 0),
  ellipsoid: (z) => z.reduce((sum, x, i) => sum + 10 ** ((6 * i) / (z.length - 1)) * x * x, 0),
  rosenbrock: (z) => z.slice(1).reduce((sum, x, i) => sum + 100 * (x + 1 - (z[i]! + 1) ** 2) ** 2 + z[i]! ** 2, 0),
  'different powers': (z) => z.reduce((sum, x, i) => sum + Math.abs(x) ** (2 + (4 * i) / (z.length - 1)), 0),
  rastrigin: (z) => z.reduce((sum, x) => sum + x * x + 10 * (1 - Math.cos(2 * Math.PI * x)), 0),
};

function createProblem(name: string, d: number): SuiteProblem {
  const rotation = createRotation(d);
  const uniform = createUniforms(d);
  const optimum = Array.from({ length: d }, () => 4 * uniform() - 2);
  const names = Array.from({ length: d }, (_, i) => `x${String(i).padStart(2, '0')}`);
  const axis: Parameter = { type: 'float', low: -BOUND, high: BOUND };
  return {
    name: `${name}, ${d}`,
    space: Object.fromEntries(names.map((each) => [each, axis])),
    minimum: 0,
    budget: 100 * d,
    initial: 1,
    evaluate(point: Point) {
      const shifted = names.map((each, i) => Number(point[each]) - optimum[i]!);
      return functions[name]!(rotation.map((row) => row.reduce((sum, r, j) => sum + r * shifted[j]!, 0)));
    },
  };
}

/** Searches by ours, a generation at a time: the points are those of a search without parallel trials. */
const searchOurs: Searcher = async ({ space, budget, evaluate }, seed) => {
  const generation = 4 + Math.floor(3 * Math.log(Object.keys(space).length));
  const settings = { algorithm: 'cma-es', initial: 1, seed, direction: 'minimize' } as const;
  const history: Observation[] = [];
  const best: number[] = [];
  while (history.length < budget) {
    const suggestions = suggestPoints({ space, settings, history, number: history.length });
    const added = suggestions.take(generation).flatMap((each) => (each.kind === 'point' ? [each.point] : []));
    for (const point of added) {
      const value = evaluate(point);
      history.push({ number: history.length, point, status: 'complete', value });
      best.push(Math.min(value, best.at(-1) ?? Infinity));
    }
  }
  return best.slice(0, budget);
};

const options = readOptions({
  command: 'node bench/bayesopt/cma-es.ts',
  does: ['Searches rotated functions with cma-es and with the Python package cma, from the center of the space.'],
  quick: 'three seeds of 10 dimensions',
  options: {
    seeds: { takes: '<n>', meaning: 'searches of each problem by each method', initial: '10', parse: numberFrom(1) },
    first: { takes: '<seed>', meaning: 'the first seed', initial: '100', parse: numberFrom(0) },
    dimensions: {
      takes: '<d,d,…>',
      meaning: 'numbers of parameters; the budget is 100 trials for each',
      initial: '10,30',
      parse: (text: string) => text.split(',').map(numberFrom(2)),
    },
  },
  examples: ['node bench/bayesopt/cma-es.ts --quick', 'node bench/bayesopt/cma-es.ts --dimensions 10,30,100'],
});
const { peer, circumstances } = await startPeer();
using _stopped = peer;
const dimensions = options.quick ? [10] : options.dimensions;
const seeds = options.quick ? Math.min(3, options.seeds) : options.seeds;
const problems = dimensions.flatMap((d) => Object.keys(functions).map((name) => createProblem(name, d)));
// Both start at the center of the space with a step of 0.3 of its width.
const searchTheirs: Searcher = (problem, seed) => {
  const start = Object.fromEntries(Object.keys(problem.space).map((name) => [name, 0]));
  return createPeerSearcher(peer, 'cma', { start, sigma: 0.3 })(problem, seed);
};
const methods = { 'cma-es': searchOurs, cma: searchTheirs };
const rows = await measureSuite(problems, methods, { first: options.first, seeds });
const shows = problems.map(({ name }) => {
  const median = (method: string): number =>
    findQuantile(rows.find((row) => row.problem === name && row.method === method)!.regrets);
  return checkClaim(`${name}: median regret`, median('cma-es'), '', ['at most', Number(median('cma').toPrecision(3))]);
});
console.log(`${circumstances}; ${seeds} seeds from ${options.first}, 100 trials per parameter\n`);
console.log(`${formatTable(formatSuite(rows))}\n\n${formatShows(shows)}`);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ circumstances, shows, rows }, null, 1)}\n`);
