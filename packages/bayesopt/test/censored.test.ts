import { describe, expect, it } from 'vitest';
import { Optimizer, type Point, type SpaceDefinition } from '../src/index.ts';

const space: SpaceDefinition = { x1: { type: 'float', low: -5, high: 10 }, x2: { type: 'float', low: 0, high: 15 } };

/** Branin (Dixon & Szegő 1978); least value 0.397887. */
function branin({ x1, x2 }: Point): number {
  const [a, b] = [Number(x1), Number(x2)];
  return (
    (b - (5.1 / (4 * Math.PI ** 2)) * a ** 2 + (5 / Math.PI) * a - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) +
    10
  );
}

/**
 * Returns the regret after `budget` trials. With `prune`, two of three trials that do not improve the best value are
 * reported as pruned half-way between both values.
 */
function runSearch(
  seed: number,
  budget: number,
  prune: boolean,
): { regret: number; pruned: number; best: Optimizer['best'] } {
  const optimizer = new Optimizer(space, { algorithm: 'gp', initial: 8, seed });
  let least = Infinity;
  let pruned = 0;
  for (let k = 0; k < budget; k++) {
    const { number, point } = optimizer.ask()!;
    const value = branin(point);
    if (prune && k % 3 > 0 && value > least) {
      pruned++;
      optimizer.tell(number, { status: 'pruned', value: (value + least) / 2 });
    } else {
      optimizer.tell(number, value);
      least = Math.min(least, value);
    }
  }
  const { best } = optimizer;
  return { regret: best!.value - 0.397887, pruned, best };
}

describe('pruned trials', () => {
  it('are used as bounds, so that the regret stays close to that of a run without pruning', () => {
    for (const seed of [1, 2]) {
      const censored = runSearch(seed, 36, true);
      expect(censored.pruned).toBeGreaterThan(36 / 3);
      expect(censored.best!.status).toBe('complete');
      // A random point's median regret is about 38.
      expect(censored.regret).toBeLessThan(Math.max(0.1, runSearch(seed, 36, false).regret + 0.1));
    }
  });
});
