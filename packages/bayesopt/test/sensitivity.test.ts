import { describe, expect, it } from 'vitest';
import { createSpace, importance, suggest, type Observation, type SpaceDefinition } from '../src/index.ts';
import { sobolIndices } from '../src/sensitivity.ts';

const cube: SpaceDefinition = Object.fromEntries(
  ['a', 'b', 'c'].map((name) => [name, { type: 'float', low: -Math.PI, high: Math.PI }]),
);

/** Ishigami & Homma (1990) with a = 7, b = 0.1. */
const ishigami = (x: number, y: number, z: number): number =>
  Math.sin(x) + 7 * Math.sin(y) ** 2 + 0.1 * z ** 4 * Math.sin(x);

describe('importance', () => {
  it("has the Ishigami function's Sobol indices (Saltelli et al. 2008: .314, .442, 0 alone; .558, .442, .244 in all)", () => {
    const turn = (u: number): number => Math.PI * (2 * u - 1);
    const indices = sobolIndices(createSpace(cube), (points) =>
      Float64Array.from({ length: points.length / 3 }, (_, i) =>
        ishigami(turn(points[3 * i]!), turn(points[3 * i + 1]!), turn(points[3 * i + 2]!)),
      ),
    );
    const expected = [
      [0.314, 0.558],
      [0.442, 0.442],
      [0, 0.244],
    ];
    indices.forEach(({ alone, total }, i) => {
      expect(Math.abs(alone - expected[i]![0]!)).toBeLessThan(0.05);
      expect(Math.abs(total - expected[i]![1]!)).toBeLessThan(0.05);
    });
  });

  it('finds by a model of sixty trials what matters, what interacts and what does not', () => {
    const settings = { algorithm: 'random', initial: 1, seed: 4, direction: 'minimize' } as const;
    const history: Observation[] = [];
    for (let number = 0; number < 60; number++) {
      const found = suggest({ space: cube, settings, history, number });
      if (found.kind !== 'point') throw new Error('exhausted');
      const [a, b] = [Number(found.point.a), Number(found.point.b)];
      history.push({ number, point: found.point, status: 'complete', value: a + 0.2 * b });
    }
    const [first, second, third] = importance(cube, settings, history);
    expect([first!.name, second!.name, third!.name]).toEqual(['a', 'b', 'c']);
    // Var a : Var 0.2·b = 1 : 0.04
    expect(first!.total).toBeCloseTo(0.96, 1);
    expect(third!.total).toBeLessThan(0.01);
  });

  it('is empty where nothing varies', () => {
    const settings = { algorithm: 'gp', initial: 1, seed: 4, direction: 'minimize' } as const;
    expect(importance(cube, settings, [])).toEqual([]);
  });
});
