import { expect, test } from 'vitest';
import {
  isConfirmTrialId,
  isSearchTrialId,
  listConfirmedNumbers,
  listConfirmTrialIds,
  selectConfirmTrialIds,
  trialIdPattern,
} from '../../src/domain/confirm-trials.ts';

const extras = [
  'reference',
  'constant-0',
  ...listConfirmTrialIds(null, 2),
  ...listConfirmTrialIds(1, 2),
  ...listConfirmTrialIds(12, 2),
  ...listConfirmTrialIds('constant', 1),
];

test('knows trials by their ids', () => {
  expect(extras.filter((id) => !trialIdPattern.test(id))).toEqual([]);
  expect(['0', '999999', ...extras].filter(isSearchTrialId)).toEqual(['0', '999999']);
  expect(['0', ...extras].filter((id) => !isConfirmTrialId(id))).toEqual(['0', 'reference', 'constant-0']);
  expect(listConfirmedNumbers(extras)).toEqual(['1', '12']);
});

test('selects the confirmations of a candidate, also one whose number begins another', () => {
  expect(selectConfirmTrialIds(extras, [1])).toEqual(['confirm-1-0', 'confirm-1-1']);
  expect(selectConfirmTrialIds(extras, ['constant', null])).toEqual([
    'confirm-reference-0',
    'confirm-reference-1',
    'confirm-constant-0',
  ]);
});
