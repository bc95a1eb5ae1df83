import { describe, expect, test } from 'vitest';
import { minimizeInBox, type Objective } from '../src/math/lbfgs.ts';

const options = {
  lower: new Float64Array(2).fill(-2),
  upper: new Float64Array(2).fill(2),
  maxIterations: 60,
  gradientTolerance: 1e-3,
  valueTolerance: 1e-4,
};

const rosenbrock: Objective = (x, gradient) => {
  const [a, b] = [x[0]!, x[1]!];
  gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
  gradient[1] = 200 * (b - a * a);
  return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
};

function count(objective: Objective): { objective: Objective; evaluations: () => number } {
  let evaluations = 0;
  return {
    objective: (x, gradient) => {
      evaluations++;
      return objective(x, gradient);
    },
    evaluations: () => evaluations,
  };
}

describe('minimizeInBox', () => {
  test('finds the minimum of a curved valley', () => {
    const { x, value } = minimizeInBox(rosenbrock, Float64Array.of(-1.2, 1), options);
    expect(value).toBeLessThan(1e-3);
    expect(x[0]).toBeCloseTo(1, 1);
  });

  test('stops at the bound that the minimum lies beyond', () => {
    const upper = Float64Array.of(0.5, 2);
    const { x } = minimizeInBox(rosenbrock, Float64Array.of(-1.2, 1), { ...options, upper });
    expect(x[0]).toBe(0.5);
    expect(x[1]).toBeCloseTo(0.25, 2);
  });

  test('steps back from points without a value', () => {
    const holed: Objective = (x, gradient) => (x[0]! > 1.001 ? Number.NaN : rosenbrock(x, gradient));
    expect(minimizeInBox(holed, Float64Array.of(-1.2, 1), options).value).toBeLessThan(1e-2);
  });

  test('does not search for gains below the tolerance, which rounding hides', () => {
    const rounded: Objective = (x, gradient) => {
      gradient[0] = 2 * x[0]!;
      gradient[1] = 0.02 * x[1]!;
      return Math.ceil((x[0]! ** 2 + 0.01 * x[1]! ** 2) * 500) / 500 + (x[0] === 1.9 ? 0 : 0.001);
    };
    const { objective, evaluations } = count(rounded);
    const { value } = minimizeInBox(objective, Float64Array.of(1.9, 0.3), options);
    expect(value).toBeLessThan(0.01);
    expect(evaluations()).toBeLessThanOrEqual(12);
  });
});
