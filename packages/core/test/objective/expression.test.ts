import { ExpressionError } from '@gradsmith/bayesopt';
import { describe, expect, it } from 'vitest';
import { evaluate, listVariables } from '../../src/objective/expression/evaluate.ts';
import { expressionFunctions } from '../../src/objective/expression/functions.ts';
import { parseExpression } from '../../src/objective/expression/parse.ts';

const { erf, sigmoid, softplus } = expressionFunctions;

const at = (text: string, z = 0, parameters: Record<string, number> = {}) =>
  evaluate(parseExpression(text, parameters), z);

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', -4],
    ['2 ^ -1', 0.5],
    ['7 - 2 - 1', 4],
    ['8 / 4 / 2', 1],
    ['--3', 3],
    ['+3', 3],
    ['1e-3 * .5e3', 0.5],
    ['2 < 3', 1],
    ['3 <= 2', 0],
    ['1 + 1 > 1', 1],
    ['if(0, 5, 6)', 6],
    ['if(2, 5, 6)', 5],
    ['max(1, min(5, 3))', 3],
    ['abs(-2) + sign(-7)', 1],
    ['2 * pi', 2 * Math.PI],
    ['exp(log(3))', 3],
    ['sqrt(16)', 4],
  ])('%s', (text, value) => {
    expect(at(text)).toBeCloseTo(value, 12);
  });

  it('knows z and parameters', () => {
    expect(at('k * z^2 + c', 3, { k: 2, c: 1 })).toBe(19);
  });

  it('knows the context, which a parameter of the same name hides', () => {
    const context = { z: 3, t: 0.5, m: 1, s: 2, a: 5, slope: 7, d: 11, ds: 13, depth: 17 };
    const sum = parseExpression('z + t + m + s + a + slope + d + ds + depth');
    expect(evaluate(sum, context)).toBe(59.5);
    expect(evaluate(parseExpression('t * z', { t: 100 }), context)).toBe(300);
    expect([...listVariables(parseExpression('t * z', { t: 100 }))]).toEqual(['z']);
    expect(() => evaluate(sum, 3)).toThrow('uses t, which has no value');
  });

  it.each([
    ['', 'value'],
    ['1 +', 'value'],
    ['(1', 'expected'],
    ['1)', 'unexpected'],
    ['foo', 'unknown name foo'],
    ['foo(1)', 'unknown function foo'],
    ['max(1)', 'takes 2'],
    ['z z', 'unexpected'],
    ['1 $ 2', 'unexpected character'],
    ['constructor', 'unknown name'],
    ['toString(1)', 'unknown function'],
    ['z = 1', 'unexpected character'],
    ['eval("1")', 'unexpected character'],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 'deep'],
    ['1+'.repeat(300), 'longer'],
    [`${'-'.repeat(10)}z.x`, 'unexpected'],
  ])('refuses %s', (text, message) => {
    expect(() => parseExpression(text)).toThrow(ExpressionError);
    expect(() => parseExpression(text)).toThrow(message);
  });

  it('reads comparisons from the left: programs that are stored mean this', () => {
    expect([0.1, 0.5, 0.9].map((z) => at('0.2 <= z <= 0.8', z))).toEqual([1, 0, 0]);
    expect([0.1, 0.5, 0.9].map((z) => at('(0.2 <= z) * (z <= 0.8)', z))).toEqual([0, 1, 0]);
  });

  it('names the position of the error', () => {
    expect(() => parseExpression('z + bad')).toThrow('at character 5');
  });
});

describe('special functions', () => {
  it.each([
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2.9, 0.9999589021219005],
    [3.1, 0.9999883513426328],
    [-1, -0.8427007929497149],
    [6, 1],
  ])('erf(%f)', (x, value) => {
    expect(erf(x)).toBeCloseTo(value, 14);
  });

  it('sigmoid and softplus do not overflow', () => {
    expect([sigmoid(800), sigmoid(-800), softplus(800), softplus(-800)]).toEqual([1, 0, 800, 0]);
  });
});
