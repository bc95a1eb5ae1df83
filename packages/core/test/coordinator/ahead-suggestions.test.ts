import { suggestPoint, suggestPoints, type SuggestInput } from '@gradsmith/bayesopt';
import { describe, expect, test } from 'vitest';
import { AheadSuggestions, limitStaleness } from '../../src/coordinator/ahead-suggestions.ts';
import { enqueuePoint } from '../../src/trials/enqueue-point.ts';
import { completeTrial, replayTrials, type AttemptRef } from '../../src/trials/index.ts';
import { Driver } from '../support/driver.ts';
import { moduleJob } from '../support/external.ts';
import { World } from '../support/world.ts';

const value = (id: string): number => ((Number(id) * 37) % 101) / 100;

/** A coordinator of one job with a model, whose suggestions take `suggestionMs`. */
async function createSearch({ suggestionMs = 100, maxParallelism = 8 } = {}) {
  const world = new World();
  const slots = maxParallelism;
  world.workers = [{ id: 'w', name: 'w', runtime: 'module-m', backend: 'module', slots, busy: [] }];
  const spec = moduleJob(
    { algorithm: 'gp', trials: 40, maxParallelism, initial: 4 },
    { x: { type: 'float', low: 0, high: 1 } },
  );
  const id = await world.create(spec);
  const driver = new Driver(world, 'one');
  const calls: { number: number; values: number }[] = [];
  driver.suggest = async (input: SuggestInput, count: number) => {
    calls.push({ number: input.number, values: input.history.filter(({ status }) => status === 'complete').length });
    driver.known.ahead.noteTime(id, suggestionMs);
    const suggestions = [];
    for (const suggestion of suggestPoints(input)) if (suggestions.push(suggestion) >= count) break;
    return suggestions;
  };
  const running: AttemptRef[] = [];
  /** Starts all trials, completes the oldest ones a second later, and creates the next ones. */
  const settle = async (count: number): Promise<void> => {
    running.push(...(await world.startTrials(id)));
    world.store.now += 1_000;
    for (const ref of running.splice(0, count)) {
      const result = {
        outcome: 'complete',
        value: value(ref.trialId),
        metrics: {},
        curve: '',
        provenance: {},
      } as const;
      await completeTrial(world.ledger, ref, result);
    }
    await driver.advance(id);
    // Suggestions that are computed ahead are ready some promises later.
    await new Promise(setImmediate);
  };
  await driver.advance(id);
  await settle(maxParallelism);
  const readTrials = async () => world.ledger.readAllTrials((await world.ledger.readJob(id)).job);
  return { world, id, driver, calls, settle, readTrials };
}

async function expectReplay(world: World, id: string): Promise<void> {
  const { job, spec } = await world.ledger.readJob(id);
  const replayed = [...replayTrials(spec, await world.ledger.readAllTrials(job), suggestPoint, {})];
  expect(replayed.length).toBeGreaterThan(8);
  expect(replayed.filter(({ equal }) => equal === false)).toEqual([]);
}

describe('suggestions computed ahead', () => {
  test('are used by the next free slot, and replayed bit for bit', async () => {
    const { world, id, calls, settle, readTrials } = await createSearch();
    calls.length = 0;
    for (let i = 0; i < 12; i++) await settle(1);
    // Each was computed from a result less than the slot waited for.
    const trials = await readTrials();
    expect(trials).toHaveLength(28);
    expect(calls.length).toBeGreaterThan(8);
    expect(trials.at(-1)!.source.seenSeq).toBeLessThan(trials.at(-1)!.history[0]![0] - 2);
    expect(calls.every(({ number, values }) => values === number - 8)).toBe(true);
    await expectReplay(world, id);
  });

  test('are dropped if too many results came since', async () => {
    const { world, id, calls, settle } = await createSearch();
    await settle(1);
    calls.length = 0;
    await settle(3);
    expect(calls[0]!.values).toBe(8 + 1 + 3);
    await expectReplay(world, id);
  });

  test('are dropped if a client enqueued a point', async () => {
    const { world, id, settle } = await createSearch();
    await settle(1);
    await enqueuePoint(world.ledger, id, { caller: null, key: 'k' }, { x: 0.5 });
    for (let i = 0; i < 4; i++) await settle(1);
    await expectReplay(world, id);
  });

  test('are not computed if a suggestion takes a small part of a trial, or few trials run at once', async () => {
    for (const options of [{ suggestionMs: 10 }, { maxParallelism: 3 }]) {
      const { calls, settle } = await createSearch(options);
      calls.length = 0;
      await settle(1);
      expect(calls).toHaveLength(1);
    }
  });
});

test('a search with fewer than four parallel trials computes nothing ahead', () => {
  expect([1, 3, 4, 8, 64].map(limitStaleness)).toEqual([0, 0, 1, 2, 16]);
});

test('a job without a measured suggestion or a settled trial computes nothing ahead', () => {
  const ahead = new AheadSuggestions();
  expect(ahead.isWorthwhile('a', [])).toBe(false);
  ahead.noteTime('a', 100);
  expect(ahead.isWorthwhile('a', [])).toBe(false);
});
