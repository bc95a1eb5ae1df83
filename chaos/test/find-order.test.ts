import { describe, expect, test } from 'vitest';
import { findOrder, type Call } from '../src/check/find-order.ts';

type Step = [start: number, end: number, text: string];

/** `tell a 1 = reported`: the operation, the attempt, the value if there is one, and the answer. */
function toCall([start, end, text]: Step): Call {
  const [request, answer] = text.split(' = ') as [string, string];
  const [operation, attempt, value] = request.split(' ');
  return {
    operation: operation as Call['operation'],
    answer,
    attempt: attempt ?? null,
    value: value === undefined ? null : Number(value),
    start,
    end,
  };
}

const hasOrder = (...steps: Step[]): boolean => findOrder(steps.map(toCall)) !== null;

describe('a history has an order', () => {
  test('if each call ends before the next one starts', () => {
    expect(
      hasOrder(
        [0, 1, 'ask a = trial'],
        [2, 3, 'read a = running'],
        [4, 5, 'tell a 1 = reported'],
        [6, 7, 'tell a 1 = already'],
        [8, 9, 'tell a 2 = conflict'],
        [10, 11, 'read a 1 = complete'],
      ),
    ).toBe(true);
  });

  test('if another attempt takes over and the first one is stale', () => {
    expect(
      hasOrder(
        [0, 1, 'ask a = trial'],
        [2, 3, 'ask b = trial'],
        [4, 5, 'tell a 1 = stale'],
        [6, 7, 'tell b 2 = reported'],
      ),
    ).toBe(true);
  });

  test('if calls at the same time took effect in another order than they started', () => {
    expect(hasOrder([0, 1, 'ask a = trial'], [2, 9, 'read a 1 = complete'], [3, 8, 'tell a 1 = reported'])).toBe(true);
  });

  test('if a call without an answer took effect', () => {
    expect(hasOrder([0, 1, 'ask a = trial'], [2, Infinity, 'tell a 1 = unknown'], [5, 6, 'read a 1 = complete'])).toBe(
      true,
    );
    expect(hasOrder([0, 1, 'ask a = trial'], [2, Infinity, 'tell a 1 = unknown'], [5, 6, 'read a = running'])).toBe(
      true,
    );
  });
});

describe('a history has no order', () => {
  test.each<[string, Step[]]>([
    [
      'a read after the result does not show it',
      [
        [0, 1, 'ask a = trial'],
        [2, 3, 'tell a 1 = reported'],
        [4, 5, 'read a = running'],
      ],
    ],
    [
      'a read shows a result before it was sent',
      [
        [0, 1, 'ask a = trial'],
        [2, 3, 'read a 1 = complete'],
        [4, 5, 'tell a 1 = reported'],
      ],
    ],
    [
      'two attempts report',
      [
        [0, 1, 'ask a = trial'],
        [2, 3, 'ask b = trial'],
        [4, 5, 'tell a 1 = reported'],
        [6, 7, 'tell b 2 = reported'],
      ],
    ],
    [
      'a settled trial is handed out',
      [
        [0, 1, 'ask a = trial'],
        [2, 3, 'tell a 1 = reported'],
        [4, 5, 'ask b = trial'],
      ],
    ],
    [
      'a stale attempt reports later',
      [
        [0, 1, 'ask a = trial'],
        [2, 3, 'tell a 1 = stale'],
        [4, 5, 'tell a 1 = reported'],
      ],
    ],
    [
      'a released attempt reports',
      [
        [0, 1, 'ask a = trial'],
        [2, 3, 'release a = released'],
        [4, 5, 'tell a 1 = reported'],
      ],
    ],
    [
      'a result changes',
      [
        [0, 1, 'ask a = trial'],
        [2, 3, 'tell a 1 = reported'],
        [4, 5, 'read a 2 = complete'],
      ],
    ],
    [
      'an equal result conflicts',
      [
        [0, 1, 'ask a = trial'],
        [2, 3, 'tell a 1 = reported'],
        [4, 5, 'tell a 1 = conflict'],
      ],
    ],
  ])('if %s', (_, steps) => {
    expect(hasOrder(...steps)).toBe(false);
  });
});
