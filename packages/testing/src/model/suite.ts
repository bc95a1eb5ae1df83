import type { LedgerStore } from '@gradsmith/core/ledger';
import { asyncDefaultReportMessage, asyncModelRun, asyncProperty, check, nat } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoreBacking } from '../conformance/store/bench.ts';
import { Bench } from '../ledger/bench.ts';
import { commandSequences } from './commands.ts';
import { ModelJob } from './model-job.ts';

const ATTEMPTS = 2;
const BUDGET = 3;

export interface ModelSettings {
  /** Sequences to try; each of up to `maxCommands` calls. */
  runs?: number;
  maxCommands?: number;
  seed?: number;
}

/**
 * Runs random sequences of all operations, legal or not, on a ledger and on a small model of it. Every answer and the
 * final state must be equal. A difference is shrunk to a short sequence.
 */
export function ledgerModelTest(name: string, make: () => Promise<StoreBacking>, settings: ModelSettings = {}): void {
  describe(`${name}: ledger against its model`, () => {
    let backing: StoreBacking;
    let store: LedgerStore;
    beforeAll(async () => {
      backing = await make();
      store = await backing.open();
    });
    afterAll(async () => {
      await store.close();
      await backing.dispose();
    });

    test('random sequences of operations', async () => {
      expect(await findModelDifference(store, settings)).toBeNull();
    }, 600_000);
  });
}

/** The shortest sequence found in which ledger and model differ, as a report; null where there is none. */
export async function findModelDifference(
  store: LedgerStore,
  { runs = 300, maxCommands = 80, seed = 1 }: ModelSettings = {},
): Promise<string | null> {
  const property = asyncProperty(commandSequences(maxCommands), nat(1), async (commands, maxFailures) => {
    const limits = { attempts: ATTEMPTS, maxFailures };
    const bench = await Bench.running(store, { trials: BUDGET, ...limits });
    const model = new ModelJob(BUDGET, limits);
    await asyncModelRun(() => ({ model, real: bench }), commands);
    await expectEqual(bench, model);
  });
  const details = await check(property, { numRuns: runs, seed });
  return details.failed ? ((await asyncDefaultReportMessage(details)) ?? 'failed without a report') : null;
}

async function expectEqual(bench: Bench, model: ModelJob): Promise<void> {
  const { job, trials } = await bench.everything();
  expect(
    trials.map(({ state, attempts, result }) => ({
      state,
      outcomes: attempts.map(({ outcome }) => outcome),
      value: result?.value ?? null,
    })),
  ).toEqual(
    model.trials.map(({ state, attempts, reported }) => ({
      state,
      outcomes: attempts.map(({ outcome }) => outcome),
      value: reported,
    })),
  );
  expect({
    state: job.state,
    budget: job.budget,
    invalidated: job.invalidated,
    best: job.best?.number ?? null,
  }).toEqual({
    state: model.state,
    budget: model.budget,
    invalidated: model.invalidated,
    best: model.best,
  });
  expect(job.counts).toMatchObject({
    pending: model.count('pending'),
    running: model.count('running'),
    complete: model.count('complete'),
    failed: model.count('failed'),
    cancelled: model.count('cancelled'),
  });
  await bench.expectConsistent();
}
