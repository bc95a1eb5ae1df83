import fc from 'fast-check';
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
import { ProgramCache } from '../src/program/program-cache.ts';
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

  it('have finite numbers only', () => {
    expect(() => parse('d + 1e999')).toThrow('1e999 is too large (at character 5)');
    expect(parse('1e308')).toEqual({ kind: 'number', value: 1e308 });
    expect(createSpace(space).contains({ rule: '1e999 + d' })).toBe(false);
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
    expect(check({ constants: null })).toEqual(['rule.constants']);
    expect(check({ constants: { low: -1e308, high: 1e308 } })).toEqual(['rule.constants']);
    for (const start of [null, 'd', [5], { 0: 'd' }]) expect(check({ start })).toEqual(['rule.start']);
    for (const probes of [null, ['d'], { a: 5 }, 'd']) expect(check({ probes })).toEqual(['rule.probes']);
    expect(check({ type: { toString: 1 } })).toEqual(['rule.type']);
    expect(check({ functions: [{ toString: 1, valueOf: 1 }] })).toEqual(['rule.functions.0']);
  });

  it('is checked without an error whatever its fields are', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constantFrom({ toString: 1, valueOf: 1 }, 'd', 'd * 1e999', ['tanh', 'd']));
    const fields = ['operands', 'functions', 'maxNodes', 'constants', 'start', 'probes', 'when', 'type'];
    const changes = fc.dictionary(fc.constantFrom(...fields), odd, { maxKeys: 3 });
    const isChecked = (changed: object) => Array.isArray(checkSpace({ rule: { ...program, ...changed } }));
    fc.assert(fc.property(changes, isChecked), { numRuns: 300, seed: 22 });
  });

  it('takes operands with the names of properties that every object has', () => {
    const operands = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];
    const named = { ...program, operands, probes: { toString: 'tanh(valueOf)' } };
    expect(checkSpace({ rule: named })).toEqual([]);
    const { contains, key } = createSpace({ rule: named });
    expect(contains({ rule: 'constructor * toString' })).toBe(true);
    expect(key({ rule: 'tanh(valueOf)' })).toBe(key({ rule: 'toString' }));
    expect(() => evaluateBatch(parse('constructor'), {}, { rows: 1, size: 1 })).toThrow('no value');
  });

  it('is not refused at first and unreadable in its canonical form later', () => {
    const sum = Array.from({ length: 30 }, () => 'd').join(' + ');
    const { contains, normalize } = createSpace({ rule: { ...program, maxNodes: 63 } });
    expect(contains({ rule: sum })).toBe(contains(normalize({ rule: sum })));
    const short = { rule: 'd + d + d + d + d' };
    expect(contains(normalize(short))).toBe(true);
  });

  it('cannot be named by a condition', () => {
    const other = { type: 'float', low: 0, high: 1, when: { rule: ['d'] } } as const;
    expect(checkSpace({ rule: program, other })).toEqual([
      { path: ['other', 'when', 'rule'], message: 'is a program; only categorical, int and constant can be named' },
    ]);
  });

  it('is remembered up to a limit, and found again after that', () => {
    const cache = new ProgramCache();
    const found: string[] = [];
    const read = (text: string) =>
      cache.read(text, () => {
        found.push(text);
        return { text, nodes: 1, identity: text, isFinite: true };
      });
    const texts = Array.from({ length: 80_000 }, (_, k) => `d * ${k}`.padEnd(300));
    for (const text of texts) expect(read(text)!.text).toBe(text);
    expect(cache.count).toBeLessThan(60_000);
    read(texts.at(-1)!);
    expect(found).toHaveLength(80_000);
    read(texts[0]!);
    expect(found).toHaveLength(80_001);
    read('d'.repeat(501));
    read('d'.repeat(501));
    expect(found).toHaveLength(80_003);
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
    const start = ['(z) * d', 'd * z', 'd'];
    for (const algorithm of ['evolution', 'random'] as const) {
      const optimizer = new Optimizer({ rule: { ...program, start } }, { algorithm, initial: 2 });
      const rules = Array.from({ length: 4 }, () => optimizer.ask()!.point.rule);
      expect(rules.slice(0, 2)).toEqual(['d * z', 'd']);
      expect(new Set(rules).size).toBe(4);
    }
  });

  it('tries the given programs after enqueued points, and none again that was enqueued', () => {
    const start = ['d * z', 'd', 'd + a'];
    for (const algorithm of ['evolution', 'random'] as const) {
      const optimizer = new Optimizer({ rule: { ...program, start } }, { algorithm, initial: 2 });
      for (const rule of ['t', 'd']) optimizer.enqueue({ rule });
      const rules = Array.from({ length: 4 }, () => optimizer.ask()!.point.rule);
      expect(rules).toEqual(['t', 'd', 'd * z', 'a + d']);
    }
  });

  it('tries the given programs of each parameter in points in which it is active', () => {
    const kinds = ['one', 'other', 'neither'];
    const definition: SpaceDefinition = {
      kind: { type: 'categorical', choices: kinds },
      one: { ...program, start: ['d', 'd * z'], when: { kind: ['one'] } },
      other: { ...program, start: ['d', 'a'], when: { kind: ['other'] } },
    };
    for (let seed = 0; seed < 5; seed++) {
      const optimizer = new Optimizer(definition, { algorithm: 'evolution', seed, initial: 2 });
      const asked = Array.from({ length: 4 }, () => optimizer.ask()!.point);
      const tried = asked.map(({ one, other }) => `${one ?? '-'} ${other ?? '-'}`);
      expect(tried.toSorted()).toEqual(['- a', '- d', 'd * z -', 'd -']);
    }
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

  it('takes no pruned trial for a good parent, although its bound is better than every final value', () => {
    const pruned = (i: number): Observation => ({
      number: i,
      point: { rule: `z + ${i}` },
      status: 'pruned',
      value: 0.1,
    });
    const complete = (number: number, rule: string, value: number): Observation => ({
      number,
      point: { rule },
      status: 'complete',
      value,
    });
    const history = [
      complete(0, 'd * a', 1),
      complete(1, 't', 2),
      ...Array.from({ length: 20 }, (_, i) => pruned(i + 2)),
    ];
    const rules = Array.from({ length: 30 }, (_, seed) => {
      const evolution = { population: 100, tournament: 100 };
      const settings = { algorithm: 'evolution', seed, initial: 1, direction: 'minimize', evolution } as const;
      const suggestion = suggestPoint({ space, settings, history, number: 22 });
      return suggestion.kind === 'point' ? String(suggestion.point.rule) : '';
    });
    expect(rules.filter((rule) => /\bd\b/.test(rule)).length).toBeGreaterThan(15);
  });

  it('leaves trials out whose programs are not those of the parameter', () => {
    const odd = ['Infinity + d', '1e999 * d', 'unknown + d', 'exp(d)', 'd * ', '', 7, true];
    const history = [...odd, 'z'].map((rule, number): Observation => ({
      number,
      point: { rule },
      status: 'complete',
      value: number,
    }));
    for (let seed = 0; seed < 20; seed++) {
      const settings = { algorithm: 'evolution', seed, initial: 1, direction: 'minimize' } as const;
      for (const part of [history, history.slice(0, odd.length)])
        expect(suggestPoint({ space, settings, history: part, number: 9 }).kind).toBe('point');
    }
  });

  it('draws and evolves only programs that can be read again, also large ones of nested functions', () => {
    const functions = ['tanh', 'abs', 'sign', 'square'] as const;
    const deep = { rule: { ...program, functions, maxNodes: 63 } };
    const { axes, contains } = createSpace(deep);
    for (let k = 0; k < 400; k++) expect(contains({ rule: axes[0]!.draw(k / 400) })).toBe(true);
    const optimizer = new Optimizer(deep, { algorithm: 'evolution', seed: 7, initial: 10 });
    for (let k = 0; k < 100; k++) {
      const { number, point } = optimizer.ask()!;
      expect(contains(point)).toBe(true);
      // Longer programs are better.
      optimizer.tell(number, -String(point.rule).length);
    }
  });

  it('draws constants inside their range, finite ones in the widest', () => {
    for (const [low, high] of [
      [0.12341, 0.12344],
      [1.7972e308, 1.7976e308],
    ] as const) {
      const grammar = createGrammar({ ...program, functions: ['min'], constants: { low, high } });
      const random = createRandom(9);
      let current = drawProgram(grammar, random);
      for (let k = 0; k < 200; k++) {
        const text = formatExpression(current);
        for (const constant of text.match(/\d\S*\d/g) ?? []) {
          expect(Number(constant)).toBeGreaterThanOrEqual(low);
          expect(Number(constant)).toBeLessThanOrEqual(high);
        }
        const next = mutateProgram(current, grammar, random);
        current = grammar.isUsable(next) ? next : drawProgram(grammar, random);
      }
    }
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
