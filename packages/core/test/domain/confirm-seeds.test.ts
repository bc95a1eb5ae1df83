import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chooseConfirmSeed, deriveConfirmSeed } from '../../src/domain/confirm-trials.ts';
import { listTrialSeeds } from '../../src/domain/trial-seeds.ts';
import { decodeRecord } from '../../src/ledger/index.ts';

const listSeeds = (seed: number): number[] => Array.from({ length: 20 }, (_, i) => deriveConfirmSeed(seed, i));

test('gives each index another seed, and never that of the search', () => {
  for (const seed of [0, 1, 2 ** 31 - 1]) {
    const seeds = listSeeds(seed);
    expect(new Set([seed, ...seeds]).size).toBe(21);
    for (const each of seeds) expect(each).toSatisfy((value: number) => Number.isInteger(value) && value < 2 ** 31);
    expect(Math.min(...seeds)).toBeGreaterThanOrEqual(0);
  }
});

test('jobs with neighboring seeds share no fresh seed', () => {
  const all = Array.from({ length: 50 }, (_, seed) => listSeeds(seed)).flat();
  expect(new Set(all).size).toBe(all.length);
});

test('keeps the seeds for ever: a job that is run again confirms under the same ones', () => {
  expect(listSeeds(1).slice(0, 3)).toEqual([2006160150, 179826350, 2002088228]);
});

test('a stored job goes on with the seeds of its confirm trials, also of an earlier version', () => {
  const stored = JSON.parse(readFileSync(new URL('../ledger/records-v1.json', import.meta.url), 'utf8'));
  const trial = decodeRecord('trial', JSON.stringify(stored.trial));
  const confirmed = { ...trial, confirms: { number: null, seedIndex: 1 }, seed: 3 + 1 + 1 };
  expect(chooseConfirmSeed([trial, confirmed], 3, 1)).toBe(5);
  expect(chooseConfirmSeed([trial, confirmed], 3, 0)).toBe(deriveConfirmSeed(3, 0));
});

test('the seeds of a trial are different ones, and never those of its confirm trials', () => {
  for (const seed of [0, 1, 2 ** 31 - 1]) {
    const seeds = listTrialSeeds(seed, 20);
    expect(seeds[0]).toBe(seed);
    expect(new Set([...seeds, ...Array.from({ length: 100 }, (_, i) => deriveConfirmSeed(seed, i))]).size).toBe(120);
  }
});

test('keeps the seeds of a trial for ever: more of them start with the same ones', () => {
  expect(listTrialSeeds(1, 1)).toEqual([1]);
  expect(listTrialSeeds(1, 3)).toEqual([1, 392520589, 2126539621]);
  expect(listTrialSeeds(1, 20).slice(0, 3)).toEqual(listTrialSeeds(1, 3));
});
