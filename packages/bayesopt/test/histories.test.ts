import { describe, expect, it } from 'vitest';
import {
  checkSpace,
  createSpace,
  findUnorderedParameter,
  suggestPoint,
  type Algorithm,
  type Condition,
  type Constraint,
  type Observation,
  type Parameter,
  type SearchSettings,
  type SpaceDefinition,
} from '../src/index.ts';
import { createRandom, type Random } from '../src/random/random.ts';

/** `pnpm test:histories` sets 10,000. */
const HISTORIES = Number(process.env.GRADSMITH_HISTORIES ?? 1000);
const PARTS = 10;

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.integer(values.length)]!;
}

function createParameter(random: Random): Parameter {
  const low = pick(random, [-1e6, -3, 0, 1e-9, 0.5, 2]);
  const width = pick(random, [1e-9, 0.1, 1, 7, 1e9]);
  const whole = random.integer(5);
  switch (random.integer(12)) {
    case 0:
      return { type: 'float', low, high: low + width };
    case 1:
      return { type: 'float', low: 1e-12 + Math.abs(low), high: (1e-12 + Math.abs(low)) * (1 + width), scale: 'log' };
    case 2:
      return { type: 'float', low, high: low + 1, step: pick(random, [0.1, 0.3, 0.5, 2]) };
    case 3:
      return { type: 'int', low: whole, high: whole + random.integer(4) };
    case 4:
      return { type: 'int', low: 1 + whole, high: 1 + whole + random.integer(300), scale: 'log' };
    case 5:
      return { type: 'categorical', choices: pick(random, [[true, false], ['a'], ['x', 'y', 'z'], [1, 'one', true]]) };
    case 6:
      return { type: 'float', low: 1, high: 1 + pick(random, [1, 2, 5]) * Number.EPSILON };
    case 7:
      return { type: 'float', low: 1, high: 1 + 1e-15, step: pick(random, [1.2e-16, 3e-16]) };
    case 8:
      return { type: 'categorical', choices: Array.from({ length: 2 + random.integer(60) }, (_, k) => `choice ${k}`) };
    case 9:
      return createNarrowParameter(random);
    case 10:
      return { type: 'int', low: 1, high: pick(random, [2, 9, 33, 1e6]), scale: 'log' };
    default:
      return { type: 'constant', value: pick(random, [1, 'fixed', false]) };
  }
}

/** Creates a range of a few adjacent floating-point numbers, or a grid on which some of them collide. */
function createNarrowParameter(random: Random): Parameter {
  const low = pick(random, [1, 1e15, 1e-300, -2, 0]);
  const gap = low === 0 ? Number.MIN_VALUE : Math.abs(low) * Number.EPSILON;
  const high = low + gap * (1 + random.integer(6));
  if (low <= 0 || random.integer(2) === 0) return { type: 'float', low, high };
  return random.integer(2) === 0
    ? { type: 'float', low, high, scale: 'log' }
    : { type: 'float', low, high, step: Math.max(0.6 * gap, Number.MIN_VALUE) };
}

/** Creates a space; in about a half of them some parameters have a condition on those before. */
function createDefinition(random: Random): SpaceDefinition {
  const names = ['a', 'b', 'Z', 'ä', '__proto__x', '10', '9'].slice(0, 1 + random.integer(6));
  let definition: SpaceDefinition = Object.fromEntries(names.map((name) => [name, createParameter(random)]));
  if (random.integer(2) === 0) return definition;
  names.forEach((name, i) => {
    const when = createCondition(random, definition, names.slice(0, i));
    const changed = { ...definition, [name]: { ...definition[name]!, when } };
    if (checkSpace(changed).length === 0) definition = changed; // a condition can contradict others
  });
  return definition;
}

function createCondition(random: Random, definition: SpaceDefinition, parents: readonly string[]): Condition {
  const entries = parents
    .filter((parent) => definition[parent]!.type !== 'float' && random.integer(3) > 0)
    .map((parent) => {
      const { when: _, ...parameter } = definition[parent]!;
      const space = createSpace({ [parent]: parameter });
      const values = Array.from({ length: 1 + random.integer(3) }, () => space.at(random.integer(space.size))[parent]!);
      return [parent, values] as const;
    });
  return Object.fromEntries(entries);
}

/** Creates a constraint that the center of a numeric parameter fulfills, in a third of the searches. */
function createConstraints(random: Random, definition: SpaceDefinition): Constraint[] {
  const numeric = Object.entries(definition).filter(([, { type }]) => type === 'float' || type === 'int');
  if (numeric.length === 0 || random.integer(3) > 0) return [];
  const [name, parameter] = pick(random, numeric);
  const middle = 'low' in parameter ? parameter.low + (parameter.high - parameter.low) / 2 : 0;
  return [
    {
      kind: 'call',
      name: 'le',
      operands: [
        { kind: 'variable', name },
        { kind: 'number', value: middle },
      ],
    },
  ];
}

/** Creates a rule by which points fail: none, at random, or a side of the space. */
function createFailureRule(random: Random): (coordinates: Float64Array) => boolean {
  const kind = random.integer(6);
  const border = random.uniform();
  if (kind === 0) return () => random.uniform() < border;
  if (kind === 1) return (x) => x.reduce((sum, coordinate) => sum + coordinate, 0) > border * x.length;
  return () => false;
}

/** Creates a generator of values: ties, very large, very small, not finite or missing. */
function createValues(random: Random): () => number | undefined {
  const one = random.normal();
  const kind = random.integer(8);
  return () => {
    switch (kind) {
      case 0:
        return one;
      case 1:
        return pick(random, [one, one, 0]);
      case 2:
        return random.normal() * 10 ** (random.integer(600) - 300);
      case 3:
        return pick(random, [
          Number.NaN,
          Infinity,
          -Infinity,
          Number.MAX_VALUE,
          -Number.MAX_VALUE,
          random.normal(),
          undefined,
        ]);
      case 4:
        return 5e-324 * random.integer(3);
      case 5:
        return 1e15 + random.uniform();
      case 6:
        return random.integer(4) === 0 ? pick(random, [1e9, 1e12, 1e300, -1e300]) : random.normal();
      default:
        return random.normal();
    }
  };
}

const STATUSES = ['complete', 'complete', 'complete', 'diverged', 'pruned', 'failed', 'pending'] as const;

function createHistory(random: Random, definition: SpaceDefinition): Observation[] {
  const space = createSpace(definition);
  const value = createValues(random);
  const fails = createFailureRule(random);
  const count = pick(random, [0, 1, 2, 5, 9, 14]);
  const only = random.integer(4) === 0 ? pick(random, STATUSES) : undefined;
  const trials: Observation[] = [];
  for (let number = 0; number < count; number++) {
    const repeated = trials.length > 0 && random.integer(4) === 0;
    const point = repeated ? pick(random, trials).point : space.draw(Float64Array.from(space.axes, random.uniform));
    const next = value();
    const trial = { number, point, status: only ?? (fails(space.encode(point)) ? 'failed' : pick(random, STATUSES)) };
    trials.push(next === undefined ? trial : { ...trial, value: next });
  }
  return trials;
}

function createSettings(random: Random): SearchSettings & { algorithm: Algorithm } {
  const algorithm = pick<Algorithm>(random, ['gp', 'gp', 'gp', 'gp', 'tpe', 'random', 'sobol', 'grid']);
  const noisy = pick(random, [undefined, undefined, true, false]);
  const settings = {
    algorithm,
    initial: 1 + random.integer(4),
    seed: random.integer(1e6),
    direction: pick(random, ['minimize', 'maximize'] as const),
  };
  return noisy === undefined ? settings : { ...settings, noisy };
}

function checkHistory(seed: number): void {
  const random = createRandom(seed, 0xc0de);
  const space = createDefinition(random);
  const trials = createHistory(random, space);
  const constraints = createConstraints(random, space);
  const settings = createSettings(random);
  // About a tenth of the spaces consist of numbers only.
  const isNumeric = findUnorderedParameter(createSpace(space)) === undefined;
  if (isNumeric && seed % 2 === 0) settings.algorithm = 'cma-es';
  const input = { space, constraints, settings, history: trials, number: trials.length };
  const { key, contains, size } = createSpace(space, constraints);
  const seen = new Set(trials.map(({ point }) => key(point)));
  const suggestion = suggestPoint(input);
  const context = `history ${seed}`;
  if (suggestion.kind === 'exhausted') {
    if (constraints.length === 0) expect(seen.size, context).toBe(size);
    return;
  }
  expect(contains(suggestion.point), `${context}: ${JSON.stringify(suggestion.point)}`).toBe(true);
  expect(seen.has(key(suggestion.point)), `${context} repeats a point`).toBe(false);
  for (const state of [suggestion.model?.fitted, suggestion.model?.start]) {
    if (state) expect(JSON.stringify(state), context).not.toContain('null'); // what is not finite becomes null
  }
  if (seed % 10 === 0)
    expect(suggestPoint({ ...input, history: trials.toReversed() }), `${context} in another order`).toEqual(suggestion);
}

describe('suggestPoint never throws, leaves the space or repeats a point while another is left', () => {
  it.each(Array.from({ length: PARTS }, (_, part) => part))(`holds for part %i of ${HISTORIES} histories`, (part) => {
    for (let seed = part; seed < HISTORIES; seed += PARTS) checkHistory(seed);
  });
});
