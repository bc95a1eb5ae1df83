// Checks the checks: a run with any one safeguard off must find a violation.
import { describe, expect, test } from 'vitest';
import type { FaultMix } from '../src/faults.ts';
import { sabotages, type SabotageName } from '../src/sabotage.ts';
import { chaosRun } from './support.ts';

/** The faults against which the safeguard stands, so that a short run meets them often. */
const mixes: Record<SabotageName, FaultMix> = {
  'attempt-token': { stop: 3, loseReply: 1, dark: 2, trainerStop: 1 },
  fence: { stopCoordinator: 6, loseReply: 1 },
  'idempotent-completion': { loseReply: 3, doorLoses: 3, cut: 1 },
  'compare-and-set': { stopCoordinator: 2, slow: 4, loseReply: 1 },
};
const rules: Record<SabotageName, RegExp> = {
  'attempt-token': /speaks for its own attempts only|no reported result is lost/,
  fence: /under its own fence only/,
  'idempotent-completion': /a result that counts is not called stale/,
  'compare-and-set': /no change overwrites another|no acknowledged change is lost/,
};

describe('with one safeguard off, a violation is found', () => {
  test.each(Object.keys(sabotages) as SabotageName[])('%s', async (sabotage) => {
    const found: string[] = [];
    // Whether a fault hits the one wrong moment is chance: a few short runs at the most.
    for (let seed = 1; seed <= 5 && !found.some((rule) => rules[sabotage].test(rule)); seed++) {
      const { violations } = await chaosRun({
        seed,
        sabotage,
        mix: mixes[sabotage],
        trials: 200,
        longestMs: 45_000,
        calmMs: 3_000,
        faultEveryMs: 500,
      });
      found.push(...violations.map(({ rule }) => rule));
    }
    expect(found).toContainEqual(expect.stringMatching(rules[sabotage]));
  });
});
