// Compares searches of spaces with conditional parameters with those of Optuna. See README.md.
import { writeFileSync } from 'node:fs';
import type { Parameter, Point, SpaceDefinition } from '@gradsmith/bayesopt';
import { readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable } from '../lib/shows.ts';
import { seedOptions } from './search-options.ts';
import {
  createOwnSearcher,
  createPeerSearcher,
  findQuantile,
  formatSuite,
  measureSuite,
  startPeer,
  type SuiteProblem,
} from './suite.ts';

const bit: Parameter = { type: 'categorical', choices: [0, 1] };
const wide: Parameter = { type: 'float', low: -1, high: 1 };
const shared: Parameter = { type: 'float', low: 0, high: 1 };

/**
 * The tree-structured function of Jenatton, Archambeau, González & Seeger 2017 ("Bayesian optimization with
 * tree-structured dependencies", section 5.1). The least value is 0.1, in the branch x1 = 0, x2 = 0.
 */
const tree: SuiteProblem = {
  name: 'tree (Jenatton et al. 2017)',
  space: {
    x1: bit,
    x2: { ...bit, when: { x1: [0] } },
    x3: { ...bit, when: { x1: [1] } },
    x4: { ...wide, when: { x2: [0] } },
    x5: { ...wide, when: { x2: [1] } },
    x6: { ...wide, when: { x3: [0] } },
    x7: { ...wide, when: { x3: [1] } },
    r8: { ...shared, when: { x1: [0] } },
    r9: { ...shared, when: { x1: [1] } },
  },
  minimum: 0.1,
  budget: 60,
  initial: 10,
  evaluate({ x1, x2, x3, x4, x5, x6, x7, r8, r9 }) {
    if (x1 === 0) return x2 === 0 ? Number(x4) ** 2 + 0.1 + Number(r8) : Number(x5) ** 2 + 0.2 + Number(r8);
    return x3 === 0 ? Number(x6) ** 2 + 0.3 + Number(r9) : Number(x7) ** 2 + 0.4 + Number(r9);
  },
};

const rate: Parameter = { type: 'float', low: 1e-5, high: 1, scale: 'log' };
const width: Parameter = { type: 'int', low: 8, high: 512, scale: 'log' };
const layers = [1, 2, 3, 4];
const trainingSpace: SpaceDefinition = {
  optimizer: { type: 'categorical', choices: ['sgd', 'adam', 'adamw'] },
  rate,
  momentum: { type: 'float', low: 0, high: 0.99, when: { optimizer: ['sgd'] } },
  beta: { type: 'float', low: 0.5, high: 0.999, when: { optimizer: ['adam', 'adamw'] } },
  decay: { type: 'float', low: 1e-6, high: 0.1, scale: 'log', when: { optimizer: ['adamw'] } },
  layers: { type: 'int', low: 1, high: 4 },
  ...Object.fromEntries(layers.map((k) => [`width${k}`, { ...width, when: { layers: layers.filter((l) => l >= k) } }])),
};
const away = (value: unknown, best: number): number => (Math.log10(Number(value)) - Math.log10(best)) ** 2;

/** The settings of a training as in Bergstra et al. 2011: each layer has a width, each optimizer its own settings. */
const training: SuiteProblem = {
  name: 'training (ours)',
  space: trainingSpace,
  minimum: 0,
  budget: 100,
  initial: 10,
  evaluate(point: Point) {
    const { optimizer, momentum, beta, decay } = point;
    const best = optimizer === 'sgd' ? 0.1 : 0.003;
    const own =
      optimizer === 'sgd'
        ? 0.15 + (Number(momentum) - 0.9) ** 2
        : 0.1 * (Number(beta) - 0.9) ** 2 + (optimizer === 'adam' ? 0.05 : 0.02 * away(decay, 0.001));
    const used = layers.slice(0, Number(point['layers']));
    const widths = used.reduce((sum, k) => sum + away(point[`width${k}`], 256 / 2 ** (k - 1)), 0);
    return own + 0.1 * away(point['rate'], best) + 0.1 * Math.abs(used.length - 3) + 0.1 * widths;
  },
};

const options = readOptions({
  command: 'node bench/bayesopt/conditional.ts',
  does: ['Searches spaces with conditional parameters with our optimizer and the samplers of Optuna.'],
  quick: 'three seeds instead of twenty, without the larger problem',
  options: seedOptions,
  examples: ['node bench/bayesopt/conditional.ts --quick', 'node bench/bayesopt/conditional.ts --seeds 10'],
});
const { peer, circumstances } = await startPeer('optuna');
using _stopped = peer;
const methods = {
  gp: createOwnSearcher('gp'),
  tpe: createOwnSearcher('tpe'),
  random: createOwnSearcher('random'),
  'optuna-gp': createPeerSearcher(peer, 'optuna-gp'),
  'optuna-tpe': createPeerSearcher(peer, 'optuna-tpe'),
  'optuna-tpe-group': createPeerSearcher(peer, 'optuna-tpe-group'),
  'optuna-random': createPeerSearcher(peer, 'optuna-random'),
};
const isPeer = (method: string): boolean => method.startsWith('optuna');
const problems = options.quick ? [tree] : [tree, training];
const seeds = options.quick ? Math.min(3, options.seeds) : options.seeds;
const rows = await measureSuite(problems, methods, { first: options.first, seeds });
const shows = problems.flatMap(({ name }) => {
  const median = (method: string): number =>
    findQuantile(rows.find((row) => row.problem === name && row.method === method)!.regrets);
  const peers = Math.min(...Object.keys(methods).filter(isPeer).map(median));
  return [
    checkClaim(`${name}: median regret of gp`, median('gp'), '', ['at most', Number(peers.toPrecision(3))]),
    checkClaim(`${name}: median regret of tpe`, median('tpe'), '', [
      'at most',
      Number(median('random').toPrecision(3)),
    ]),
  ];
});
console.log(`${circumstances}; ${seeds} seeds from ${options.first}\n`);
console.log(`${formatTable(formatSuite(rows))}\n\n${formatShows(shows)}`);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ circumstances, shows, rows }, null, 1)}\n`);
