import { describe, expect, it } from 'vitest';
import { computeSobolIndices } from '../src/compute-importance.ts';
import { createSpace, computeImportance, suggestPoint, type Observation, type SpaceDefinition } from '../src/index.ts';

const cube: SpaceDefinition = Object.fromEntries(
  ['a', 'b', 'c'].map((name) => [name, { type: 'float', low: -Math.PI, high: Math.PI }]),
);

/** Ishigami & Homma (1990) with a = 7, b = 0.1. */
const ishigami = (x: number, y: number, z: number): number =>
  Math.sin(x) + 7 * Math.sin(y) ** 2 + 0.1 * z ** 4 * Math.sin(x);

describe('importance', () => {
  // Saltelli et al. 2008: first order .314, .442, 0; total .558, .442, .244.
  it('has the Sobol indices of the Ishigami function', () => {
    const toAngle = (u: number): number => Math.PI * (2 * u - 1);
    const indices = computeSobolIndices(createSpace(cube), (points) =>
      Float64Array.from({ length: points.length / 3 }, (_, i) =>
        ishigami(toAngle(points[3 * i]!), toAngle(points[3 * i + 1]!), toAngle(points[3 * i + 2]!)),
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

  it('ranks parameters by their importance after sixty trials', () => {
    const settings = { algorithm: 'random', initial: 1, seed: 4, direction: 'minimize' } as const;
    const history: Observation[] = [];
    for (let number = 0; number < 60; number++) {
      const found = suggestPoint({ space: cube, settings, history, number });
      if (found.kind !== 'point') throw new Error('exhausted');
      const [a, b] = [Number(found.point.a), Number(found.point.b)];
      history.push({ number, point: found.point, status: 'complete', value: a + 0.2 * b });
    }
    const [first, second, third] = computeImportance(cube, settings, history);
    expect([first!.name, second!.name, third!.name]).toEqual(['a', 'b', 'c']);
    // Var a : Var 0.2·b = 1 : 0.04
    expect(first!.total).toBeCloseTo(0.96, 1);
    expect(third!.total).toBeLessThan(0.01);
  });

  it('is empty if nothing varies', () => {
    const settings = { algorithm: 'gp', initial: 1, seed: 4, direction: 'minimize' } as const;
    expect(computeImportance(cube, settings, [])).toEqual([]);
  });
});
