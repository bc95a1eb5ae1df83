import { describe, expect, test } from 'vitest';
import { findReferenceDivergence, makeConfirmTrialId, type TrialRecord } from '../../src/domain/index.ts';

type State = TrialRecord['state'];

function createTrials(search: State, fresh: readonly State[]): TrialRecord[] {
  const create = (id: string, state: State) => ({ id, state, result: { value: 2.071 } }) as TrialRecord;
  return [create('reference', search), ...fresh.map((state, i) => create(makeConfirmTrialId(null, i), state))];
}

describe('divergence of the reference', () => {
  test('counts the fresh seeds under which it diverged, of those under which it has a value', () => {
    const trials = createTrials('diverged', ['diverged', 'complete', 'failed', 'running']);
    expect(findReferenceDivergence(trials, 5)).toEqual({ value: 2.071, diverged: 1, seeds: 2 });
    expect(findReferenceDivergence(trials.slice(0, 1), 5)).toEqual({ value: 2.071, diverged: 0, seeds: 0 });
    expect(findReferenceDivergence(createTrials('complete', ['diverged']), 1)).toEqual({
      value: null,
      diverged: 1,
      seeds: 1,
    });
  });

  test('is null if no training of it diverged', () => {
    expect(findReferenceDivergence(createTrials('complete', ['complete', 'failed']), 2)).toBeNull();
    expect(findReferenceDivergence([], 2)).toBeNull();
  });
});
