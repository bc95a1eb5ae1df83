import { fulfillsConstraint } from '@gradsmith/bayesopt';
import { expect, it } from 'vitest';
import { InvalidInput } from '../../src/domain/index.ts';
import { buildSearchInputs, parseJob } from '../../src/spec/index.ts';

const base = {
  name: 'limited',
  objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
  space: {
    batch: { type: 'int', low: 16, high: 1024, scale: 'log' },
    width: { type: 'int', low: 16, high: 4096, scale: 'log' },
    kind: { type: 'categorical', choices: ['a', 'b'] },
    'layer.rate': { type: 'float', low: 0, high: 1 },
  },
  search: { trials: 3 },
};

function refuse(constraints: string[], known: object[] = []): string {
  try {
    parseJob({ ...base, constraints, search: { trials: 3, known } });
    return '';
  } catch (error) {
    return (error as InvalidInput).problems.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n');
  }
}

it('reads chained comparisons as all of them', () => {
  const { constraints } = buildSearchInputs(parseJob({ ...base, constraints: ['32 <= batch <= width'] }));
  const fulfills = (batch: number, width: number): boolean => fulfillsConstraint(constraints![0]!, { batch, width });
  expect([fulfills(16, 64), fulfills(32, 64), fulfills(65, 64)]).toEqual([false, true, false]);
});

it('passes constraints to the optimizer, and nothing if there are none', () => {
  const { constraints } = buildSearchInputs(parseJob({ ...base, constraints: ['batch * width <= 65536'] }));
  const [batch, width] = ['batch', 'width'].map((name) => ({ kind: 'variable', name }));
  const product = { kind: 'call', name: 'mul', operands: [batch, width] };
  expect(constraints).toEqual([{ kind: 'call', name: 'le', operands: [product, { kind: 'number', value: 65_536 }] }]);
  expect(buildSearchInputs(parseJob(base))).not.toHaveProperty('constraints');
});

it.each([
  ['a name that is no parameter', ['btach * width <= 9'], 'constraints.0 unknown name btach; the parameters are'],
  ['a parameter with text', ['kind > 1'], 'constraints.0 kind has values that are text'],
  ['what compares nothing', ['batch * width'], 'constraints.0 must be a comparison'],
  [
    'a function that makes no sense there',
    ['batch < 99', 'sigmoid(batch) > 0'],
    'constraints.1 sigmoid cannot be used',
  ],
  ['what is not a formula', ['batch <'], 'constraints.0 expected a value'],
  ['too many characters', Array(50).fill(`${'width + '.repeat(12)}width >= 0`), 'constraints has 5300 characters'],
  ['what hardly any point fulfills', ['batch > 1', 'width >= 4096'], 'constraints.1 holds for less than 1 of 1,000'],
  ['what is impossible together', ['batch > 200', 'batch < 100'], 'constraints all together hold for less than'],
])('refuses %s', (_, constraints, message) => expect(refuse(constraints)).toContain(message));

it('refuses known points that do not fulfill them', () => {
  const point = { batch: 1024, width: 4096, kind: 'a', 'layer.rate': 0 };
  expect(refuse(['batch * width <= 65536'], [{ point, value: 1 }])).toBe(
    'search.known.0.point does not fulfill the constraint batch * width <= 65536',
  );
});
