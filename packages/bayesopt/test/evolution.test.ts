import { describe, expect, it } from 'vitest';
import {
  checkSpace,
  createSpace,
  evaluateBatch,
  type Expression,
  formatExpression,
  Optimizer,
  parseFormula,
  type ProgramValues,
  suggestPoint,
  type Observation,
  type SpaceDefinition,
} from '../src/index.ts';
import { canonicalize } from '../src/program/canonical.ts';
import { createGrammar } from '../src/program/grammar.ts';
import { drawProgram, mutateProgram } from '../src/program/vary.ts';
import { createRandom } from '../src/random/random.ts';

const program: ProgramValues = {
  type: 'program',
  operands: ['d', 'z', 'a', 't'],
  functions: ['add', 'sub', 'mul', 'div', 'square', 'tanh', 'abs', 'sign', 'min', 'max', 'rescale'],
  maxNodes: 9,
  constants: { low: -2, high: 2 },
  probes: { a: 'tanh(z)' },
};
const space: SpaceDefinition = { rule: program };
const anyName = (name: string): Expression => ({ kind: 'variable', name });
const parse = (text: string) => parseFormula(text, anyName, () => true);

/** The distance to the error that backpropagation sends through ReLU; σ′ is not offered. */
function measureError(formula: string): number {
  const random = createRandom(5);
  const draw = () => Float64Array.from({ length: 40 }, random.normal);
  const [d, z] = [draw(), draw()];
  const [a, t] = [z.map(Math.tanh), z.map(() => 0.3)];
  const values = evaluateBatch(parse(formula), { d, z, a, t }, { rows: 8, size: 40 });
  const wanted = d.map((error, i) => (z[i]! > 0 ? error : 0));
  const sum = (numbers: Float64Array) => numbers.reduce((total, value) => total + value * value, 0);
  return Math.sqrt(sum(values.map((value, i) => value - wanted[i]!)) / sum(wanted));
}

function search(algorithm: 'evolution' | 'random', seed: number, trials: number, definition = space): Optimizer {
  const optimizer = new Optimizer(definition, { algorithm, seed, initial: 20 });
  for (let k = 0; k < trials; k++) {
    const { number, point } = optimizer.ask()!;
    const value = measureError(String(point.rule));
    optimizer.tell(number, Number.isFinite(value) ? value : { status: 'failed' });
  }
  return optimizer;
}

describe('formulas', () => {
  it('are written with as few parentheses as needed, and read back the same', () => {
    for (const text of [
      'd * (z + 1)',
      'd - (z - a)',
      'd - z - a',
      'd / (z / a)',
      '-z^2',
      '(-z)^2',
      '(-2)^z',
      'd * -0.5',
      '2^-z^a',
      '(z > 0) * d',
      'min(d, z) / 1e-7',
    ]) {
      const parsed = parse(text);
      const written = formatExpression(parsed);
      expect(written.replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      expect(parse(written)).toEqual(parsed);
    }
  });

  it('have one canonical form for orders of operands and constants that can be computed', () => {
    const write = (text: string) => formatExpression(canonicalize(parse(text)));
    expect(write('z * d')).toBe(write('d * z'));
    expect(write('d * (2 + 3) * 1 + 0')).toBe('5 * d');
    expect(write('-(-z)')).toBe('z');
    expect(write('d - -2')).toBe('d - -2');
  });

  it('stay within the limits of their parameter when they are drawn and mutated', () => {
    const grammar = createGrammar(program);
    const random = createRandom(3);
    let current = drawProgram(grammar, random);
    for (let k = 0; k < 500; k++) {
      const next = mutateProgram(current, grammar, random);
      const text = formatExpression(next);
      if (!grammar.isUsable(next)) continue;
      expect(formatExpression(grammar.parse(text))).toBe(text);
      current = next;
    }
  });
});

describe('a program as a parameter', () => {
  it('takes formulas of its operands and functions up to its size', () => {
    const { contains, normalize, key } = createSpace(space);
    expect(contains({ rule: 'd * (1 - square(a))' })).toBe(true);
    expect(contains({ rule: 'd * (1 - a^2)' })).toBe(false);
    expect(contains({ rule: 'd * slope' })).toBe(false);
    expect(contains({ rule: 'd * ' })).toBe(false);
    expect(contains({ rule: 3 })).toBe(false);
    expect(contains({ rule: 'd + d + d + d + d + d' })).toBe(false);
    expect(normalize({ rule: '(z)*d' })).toEqual({ rule: 'd * z' });
    // a is tanh(z) at the probes.
    expect(key({ rule: 'd * tanh(z)' })).toBe(key({ rule: 'a * d' }));
    expect(key({ rule: 'd * z' })).not.toBe(key({ rule: 'd + z' }));
  });

  it('is checked with the path of what is wrong', () => {
    const check = (changes: object) =>
      checkSpace({ rule: { ...program, ...changes } }).map(({ path }) => path.join('.'));
    expect(check({})).toEqual([]);
    expect(check({ operands: [] })).toEqual(['rule.operands']);
    expect(check({ operands: ['d', 'tanh'], probes: {} })).toEqual(['rule.operands.1']);
    expect(check({ functions: ['add', 'mod'] })).toEqual(['rule.functions.1']);
    expect(check({ maxNodes: 0 })).toEqual(['rule.maxNodes']);
    expect(check({ constants: { low: 1, high: 0 } })).toEqual(['rule.constants']);
    expect(check({ start: ['d', 'd ^ 2'] })).toEqual(['rule.start.1']);
    expect(check({ probes: { a: 'tanh(' } })).toEqual(['rule.probes.a']);
  });

  it.each(['gp', 'tpe', 'cma-es', 'sobol', 'grid'] as const)('is refused by %s', (algorithm) => {
    expect(() => new Optimizer(space, { algorithm })).toThrow('searches no programs, which rule is');
  });
});

describe('evolution', () => {
  it('comes near backpropagation without its derivative, where random programs do not', () => {
    const narrow: SpaceDefinition = {
      rule: { ...program, operands: ['d', 'z'], functions: ['add', 'sub', 'mul', 'max', 'sign', 'abs'], probes: {} },
    };
    for (const seed of [1, 3]) {
      expect(search('evolution', seed, 400, narrow).best!.value).toBeLessThan(0.2);
      expect(search('random', seed, 400, narrow).best!.value).toBeGreaterThan(0.7);
    }
  });

  it('suggests the same from the same history in any order, and from a part of it', () => {
    const { history } = search('evolution', 2, 80);
    for (const number of [0, 19, 40, 79]) {
      const before = history.filter((trial) => trial.number < number);
      const settings = { algorithm: 'evolution', seed: 2, initial: 20, direction: 'minimize' } as const;
      const suggestion = suggestPoint({ space, settings, history: before.reverse(), number });
      expect(suggestion).toMatchObject({ kind: 'point', point: history[number]!.point });
    }
  });

  it('never suggests two programs that give the same, pending and failed ones included', () => {
    const { key } = createSpace(space);
    const optimizer = new Optimizer(space, { algorithm: 'evolution', seed: 4, initial: 5 });
    const asked = Array.from({ length: 150 }, (_, k) => {
      const trial = optimizer.ask()!;
      if (k % 3 === 0) optimizer.tell(trial.number, { status: 'failed' });
      if (k % 3 === 1) optimizer.tell(trial.number, measureError(String(trial.point.rule)));
      return key(trial.point);
    });
    expect(new Set(asked).size).toBe(150);
  });

  it('starts with the given programs, each once', () => {
    const start = ['d * z', 'z * d', 'd'];
    const optimizer = new Optimizer({ rule: { ...program, start } }, { algorithm: 'evolution', initial: 2 });
    const rules = Array.from({ length: 3 }, () => optimizer.ask()!.point.rule);
    expect(rules[0]).toBe('d * z');
    expect(rules[1]).not.toBe('d * z');
    expect(rules[2]).toBe('d');
  });

  it('lets trials age: a good parent that is older than the population has no children', () => {
    const number = 60;
    const bad = (i: number): Observation => ({ number: i, point: { rule: `z + ${i}` }, status: 'complete', value: 1 });
    const old: Observation = { number: 0, point: { rule: 'd * a' }, status: 'complete', value: 0 };
    const history = [old, ...Array.from({ length: 59 }, (_, i) => bad(i + 1))];
    const suggest = (population: number, seed: number) =>
      suggestPoint({
        space,
        settings: {
          algorithm: 'evolution',
          seed,
          initial: 1,
          direction: 'minimize',
          evolution: { population, tournament: 100 },
        },
        history,
        number,
      });
    const rules = (population: number) =>
      Array.from({ length: 30 }, (_, seed) => {
        const suggestion = suggest(population, seed);
        return suggestion.kind === 'point' ? String(suggestion.point.rule) : '';
      });
    const childrenOfBest = (population: number) => rules(population).filter((rule) => /\bd\b/.test(rule)).length;
    expect(childrenOfBest(60)).toBeGreaterThan(15);
    expect(childrenOfBest(10)).toBeLessThan(12);
  });

  it('searches numbers and choices together with programs, also under conditions', () => {
    const mixed: SpaceDefinition = {
      rule: { ...program, when: { kind: ['program'] } },
      kind: { type: 'categorical', choices: ['program', 'constant'] },
      rate: { type: 'float', low: 0.01, high: 1, scale: 'log' },
    };
    const optimizer = new Optimizer(mixed, { algorithm: 'evolution', seed: 1, initial: 10 });
    const { contains } = createSpace(mixed);
    for (let k = 0; k < 120; k++) {
      const { number, point } = optimizer.ask()!;
      expect(contains(point)).toBe(true);
      const own = point.kind === 'program' ? measureError(String(point.rule)) : 3;
      optimizer.tell(number, own + Math.abs(Math.log(Number(point.rate) / 0.1)));
    }
    expect(optimizer.best!.point.kind).toBe('program');
    expect(Math.abs(Math.log(Number(optimizer.best!.point.rate) / 0.1))).toBeLessThan(0.5);
  });
});
