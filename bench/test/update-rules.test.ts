import { Optimizer } from '@gradsmith/bayesopt';
import { expect, it } from 'vitest';
import { minimizeQuadratic, MOMENTUM_TARGET, quadraticRules } from '../bayesopt/update-rules.ts';

/** Searches from random programs until the target is reached; null if it is not. */
function findRule(algorithm: 'evolution' | 'random', seed: number, trials: number): string | null {
  const optimizer = new Optimizer({ rule: quadraticRules }, { algorithm, seed, initial: 20 });
  for (let k = 0; k < trials; k++) {
    const { number, point } = optimizer.ask()!;
    const value = minimizeQuadratic(String(point['rule']));
    optimizer.tell(number, Number.isFinite(value) ? value : { status: 'failed' });
    if (value <= MOMENTUM_TARGET) return String(point['rule']);
  }
  return null;
}

it('evolves momentum with the gradient from random programs within 300 trials, which random programs do not', () => {
  expect(minimizeQuadratic('g + 9 * m')).toBeLessThan(MOMENTUM_TARGET);
  for (const rule of ['g', '1.9 * g', 'm', '10 * m', '0.1 * m']) expect(minimizeQuadratic(rule)).toBeGreaterThan(-7);
  for (const seed of [100, 103]) {
    const rule = findRule('evolution', seed, 300);
    expect(rule).toMatch(/\bm\b/);
    expect(rule).toMatch(/\bg\b/);
    expect(findRule('random', seed, 300)).toBeNull();
  }
});
