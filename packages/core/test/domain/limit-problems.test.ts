import { InvalidInput } from '@gradsmith/core/domain';
import { parseJob } from '@gradsmith/core/spec';
import { describe, expect, test } from 'vitest';

function catchInvalid(action: () => unknown): InvalidInput {
  try {
    action();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const job = {
  name: 'large',
  objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
  space: { x: { type: 'float', low: 0, high: 1 } },
  search: { trials: 1 },
};

describe('an error about an input', () => {
  test('lists the first problems and counts the others', () => {
    const { problems, message } = catchInvalid(() => {
      throw new InvalidInput(Array.from({ length: 80_000 }, (_, i) => ({ path: ['field', i], message: 'is wrong' })));
    });
    expect(problems).toHaveLength(51);
    expect(problems[49]).toEqual({ path: ['field', 49], message: 'is wrong' });
    expect(problems[50]).toEqual({ path: [], message: '79950 more problems are not listed; correct these first' });
    expect(message.length).toBeLessThan(5_000);
  });

  test('cuts long names and messages, and lists fewer of long ones', () => {
    const { problems, message } = new InvalidInput(
      Array.from({ length: 40 }, () => ({ path: ['x'.repeat(5_000)], message: 'y'.repeat(5_000) })),
    );
    expect(problems[0]!.path).toEqual([`${'x'.repeat(99)}…`]);
    expect(problems[0]!.message).toHaveLength(2_000);
    expect(message.length).toBeLessThan(25_000);
    expect(problems.at(-1)!.message).toMatch(/^\d+ more problems are not listed/);
  });

  test('is small for 80,000 unknown fields', () => {
    const unknown = Object.fromEntries(Array.from({ length: 80_000 }, (_, i) => [`unknown${i}`, 1]));
    const { problems, message } = catchInvalid(() => parseJob({ ...job, ...unknown }));
    expect(problems).toHaveLength(51);
    expect(message.length).toBeLessThan(10_000);
  });
});

describe('a job that is too large', () => {
  const equal = { type: 'categorical', choices: Array.from({ length: 1_000 }, () => 'a') };

  test('is refused for its choices even if all of them are equal', () => {
    const space = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`p${i}`, equal]));
    const { problems } = catchInvalid(() => parseJob({ ...job, space }));
    expect(problems[0]).toEqual({
      path: ['space'],
      message: 'has 200000 choices in all its parameters; at most 20000 are allowed',
    });
  });

  test('with fewer, equal choices gets a bounded list of problems', () => {
    const space = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`p${i}`, equal]));
    const { problems } = catchInvalid(() => parseJob({ ...job, space }));
    expect(problems).toHaveLength(51);
    expect(problems[50]!.message).toBe('19930 more problems are not listed; correct these first');
  });

  test('is refused for its labels', () => {
    const labels = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`l${i}`, '']));
    expect(catchInvalid(() => parseJob({ ...job, labels })).problems).toEqual([
      { path: ['labels'], message: 'has 33 labels; at most 32 are allowed' },
    ]);
  });

  test('is refused for its size as JSON', () => {
    const point = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`p${i}`, 'c'.repeat(100)]));
    const known = Array.from({ length: 100 }, () => ({ point, value: 1 }));
    const { problems } = catchInvalid(() => parseJob({ ...job, search: { trials: 1, known } }));
    expect(problems).toEqual([{ path: [], message: expect.stringMatching(/^has \d+ characters as JSON/) }]);
  });
});
