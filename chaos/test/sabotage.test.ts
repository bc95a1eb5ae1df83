// Checks the checks: a run with any one safeguard off must find a violation.
import { describe, expect, test } from 'vitest';
import type { FaultMix } from '../src/faults.ts';
import { sabotages, type SabotageName } from '../src/sabotage.ts';
import { runSmallCluster } from './support.ts';

/** The faults against which the safeguard protects, so that they are frequent in a short run. */
const mixes: Record<SabotageName, FaultMix> = {
  'attempt-token': { stop: 3, loseReply: 1, partition: 2, trainerStop: 1 },
  fence: { stopCoordinator: 6, loseReply: 1 },
  'idempotent-completion': { loseReply: 3, loseHttpReply: 3, cut: 1 },
  'compare-and-set': { stopCoordinator: 2, slow: 4, loseReply: 1 },
  'fresh-read': { duplicateHttpRequest: 1 },
  fairness: { duplicateHttpRequest: 1 },
  'archive-document': { kill: 1, archiveDiskFails: 2 },
  'checkpoint-digest': { checkpointDamage: 1, duplicateHttpRequest: 4 },
  'checkpoint-disk': { checkpointDiskFails: 1 },
  'webhook-answer': { duplicateHttpRequest: 1 },
  'stream-place': { cutHttp: 3 },
  'import-records': { duplicateHttpRequest: 1 },
  'batch-results': { duplicateHttpRequest: 1 },
  edits: { duplicateHttpRequest: 1 },
  'index-names': { duplicateHttpRequest: 1 },
  'index-entries': { duplicateHttpRequest: 1 },
};
const rules: Record<SabotageName, RegExp> = {
  'attempt-token': /changes only its own attempts|no reported result is lost/,
  fence: /only under its own fence/,
  'idempotent-completion': /a result that counts is not called stale/,
  'fresh-read': /the answers about a trial have an order/,
  fairness: /no job waits while others are served/,
  'archive-document': /no acknowledged job is lost/,
  'checkpoint-digest': /the result is the objective’s value/,
  'checkpoint-disk': /a broken disk of checkpoints fails no training/,
  'webhook-answer': /a finished job is notified/,
  'stream-place': /a stream that is resumed misses nothing/,
  'import-records': /an imported job is whole or absent/,
  'batch-results': /no reported result is lost/,
  edits: /no acknowledged edit is lost/,
  'index-names': /lists have every job as it is/,
  'index-entries': /lists have every job as it is/,
  'compare-and-set': /no change overwrites another|no acknowledged change is lost/,
};

describe('finds a violation without the safeguard', () => {
  test.each(Object.keys(sabotages) as SabotageName[])('%s', async (sabotage) => {
    const found: string[] = [];
    // Whether a fault hits the critical moment is chance: at most five short runs.
    for (let seed = 1; seed <= 5 && !found.some((rule) => rules[sabotage].test(rule)); seed++) {
      const { violations } = await runSmallCluster({
        seed,
        sabotage,
        mix: mixes[sabotage],
        trials: 200,
        longestMs: 45_000,
        // Notifications that failed are repeated after 5, 10 and 20 seconds.
        calmMs: sabotage === 'webhook-answer' ? 60_000 : 3_000,
        faultEveryMs: 500,
        keepJobs: sabotage === 'archive-document' ? '2s' : '60s',
      });
      found.push(...violations.map(({ rule }) => rule));
    }
    expect(found).toContainEqual(expect.stringMatching(rules[sabotage]));
  });
});
