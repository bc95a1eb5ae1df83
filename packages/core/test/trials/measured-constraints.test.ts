import { suggestPoint } from '@gradsmith/bayesopt';
import { describe, expect, test } from 'vitest';
import type { InvalidInput } from '../../src/domain/index.ts';
import { exportJob, importJob, readJobStatus } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import { parseJob, type JobSpec } from '../../src/spec/index.ts';
import { completeTrial, invalidateTrial, listBestTrials, replayTrials } from '../../src/trials/index.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { ModuleWorld } from '../support/module-world.ts';

const input = {
  name: 'constrained',
  objective: { kind: 'module', module: 'm', metric: { name: 'error', direction: 'minimize' } },
  space: { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } },
  constraints: ['x + y >= 0.1', { metric: 'latency', max: 20 }, { metric: 'accuracy', min: 0.9 }],
  search: { trials: 8, maxParallelism: 2, initial: 3 },
};

const spec = (changes: object = {}): JobSpec => parseJob({ ...input, ...changes });

const refusal = (changes: object): string => {
  try {
    spec(changes);
    return '';
  } catch (error) {
    return (error as InvalidInput).problems.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n');
  }
};

describe('measured constraints', () => {
  test('only feasible trials are the best, and every model point is replayed bit for bit', async () => {
    const world = new ModuleWorld();
    const id = await world.create(spec());
    // Larger numbers are better and slower; those beyond 5 are too slow.
    await world.finish(id, (n) => ({ value: 10 - n, metrics: { latency: 4 * n, accuracy: 0.95 } }));
    const status = await readJobStatus(world.ledger, id, []);
    expect(status).toMatchObject({ state: 'completed', reason: null, infeasible: 2, counts: { complete: 8 } });
    expect(status.best).toMatchObject({ trial: '5', value: 5 });
    expect(status.closest).toMatchObject({ number: 6, metric: 'latency', value: 24, limit: 20 });
    const best = await listBestTrials(world.ledger, id, 10);
    expect(best.map(({ number }) => number)).toEqual([5, 4, 3, 2, 1, 0]);
    const { job } = await world.ledger.readJob(id);
    const trials = await world.ledger.readAllTrials(job);
    expect(trials.map(({ feasible }) => feasible)).toEqual([true, true, true, true, true, true, false, false]);
    const replayed = [...replayTrials(spec(), trials, suggestPoint, {})];
    expect(replayed.map(({ equal }) => equal)).toEqual(Array<boolean>(8).fill(true));
    expect(world.suggested.at(-1)!.history.at(0)!.excess).toEqual([-20, expect.closeTo(-0.05)]);
  });

  test('a limit that is exceeded by more than the range of numbers is exceeded', async () => {
    const world = new ModuleWorld();
    const limit = { metric: 'latency', max: -1.7e308 };
    const id = await world.create(spec({ constraints: [limit] }));
    await world.finish(id, (n) => ({ value: n, metrics: { latency: n * 2e307 } }));
    const status = await readJobStatus(world.ledger, id, []);
    expect(status).toMatchObject({ infeasible: 8, best: null, closest: { number: 0, value: 0 } });
  });

  test('a job in which no trial is feasible completes without a best and names the closest', async () => {
    const world = new ModuleWorld();
    const id = await world.create(spec());
    await world.finish(id, (n) => ({ value: n, metrics: { latency: n === 3 ? 21 : 40, accuracy: 0.95 } }));
    expect(await readJobStatus(world.ledger, id, [])).toMatchObject({
      state: 'completed',
      best: null,
      infeasible: 8,
      reason: expect.stringMatching(/no complete trial fulfills .*trial 3 .*latency is 21, and the limit is 20/),
    });
    await invalidateTrial(world.ledger, id, '3', 'test');
    expect(await readJobStatus(world.ledger, id, [])).toMatchObject({ infeasible: 7, closest: { number: 0 } });
  });

  test('a complete result without a metric is refused with its name, and changes nothing', async () => {
    const world = new ModuleWorld();
    const id = await world.create(spec());
    await world.round();
    const [ref] = await world.startTrials(id);
    const result = { outcome: 'complete', value: 1, metrics: { accuracy: 1 }, curve: '', provenance: {} } as const;
    await expect(completeTrial(world.ledger, ref!, result)).rejects.toThrow(/metrics.latency: is missing/);
    expect((await world.ledger.readTrials(id, [ref!.trialId]))[0]).toMatchObject({ state: 'running', result: null });
    expect(await completeTrial(world.ledger, ref!, { ...result, outcome: 'diverged' })).toBe('reported');
    expect((await readJobStatus(world.ledger, id, [])).infeasible).toBe(0);
  });

  test('is exported and imported, and a document that claims otherwise is refused', async () => {
    const world = new ModuleWorld();
    const id = await world.create(spec());
    await world.finish(id, (n) => ({ value: n, metrics: { latency: 22 - n, accuracy: 0.95 } }));
    const document = await exportJob(world.ledger, id);
    const copy = new Ledger(new MemoryStore());
    await importJob(copy, structuredClone(document));
    expect(await readJobStatus(copy, id, [])).toMatchObject({ infeasible: 2, best: { trial: '2' } });
    const forged = structuredClone(document);
    forged.trials[0]!.feasible = true;
    await expect(importJob(new Ledger(new MemoryStore()), forged)).rejects.toThrow(/trials.0.feasible|infeasible/);
  });

  test.each([
    [{ constraints: [{ metric: 'latency' }] }, /constraints.0 must have either max or min/],
    [{ constraints: [{ metric: 'latency', max: 1, min: 0 }] }, /either max or min/],
    [
      { search: { trials: 2, known: [{ point: { x: 0.5, y: 0.5 }, value: 1, metrics: { latency: 3 } }] } },
      /search.known.0.metrics must have accuracy/,
    ],
  ])('refuses %j', (changes, message) => expect(refusal(changes)).toMatch(message));

  test('known results are judged by their metrics', async () => {
    const known = [{ point: { x: 0.5, y: 0.5 }, value: 1, metrics: { latency: 30, accuracy: 1 } }];
    const world = new ModuleWorld();
    await world.create(spec({ search: { ...input.search, known } }));
    await world.round();
    expect(world.suggested[0]!.history).toMatchObject([{ number: -1, excess: [10, expect.closeTo(-0.1)] }]);
  });
});
