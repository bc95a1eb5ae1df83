import { suggestPoint } from '@gradsmith/bayesopt';
import { describe, expect, test } from 'vitest';
import type { InvalidInput } from '../../src/domain/index.ts';
import { addToFront, MAX_FRONT, type ParetoRecord } from '../../src/domain/pareto-record.ts';
import { exportJob, importJob, readJobStatus } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import { parseJob, type JobSpec } from '../../src/spec/index.ts';
import { completeTrial, invalidateTrial, listBestTrials, replayTrials } from '../../src/trials/index.ts';
import { job as trainingJob, jobInput } from '../support/jobs.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { ModuleWorld } from '../support/module-world.ts';

const input = {
  name: 'several',
  objective: { kind: 'module', module: 'm', metric: { name: 'error', direction: 'minimize' } },
  objectives: [
    { metric: 'error', goal: 'minimize' },
    { metric: 'speed', goal: 'maximize', reference: 0 },
  ],
  space: { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } },
  search: { trials: 8, maxParallelism: 2, initial: 3 },
};
const spec = (changes: object = {}): JobSpec => parseJob({ ...input, ...changes });

/** Values of trials 0 to 7: trials 1, 2 and 5 are on the front. */
const outcomes = [
  [9, 1],
  [2, 4],
  [1, 2],
  [3, 4],
  [5, 1],
  [4, 8],
  [4, 7],
  [9, 8],
] as const;
const measure = (n: number) => ({ value: outcomes[n]![0], metrics: { speed: outcomes[n]![1] } });

async function finish(changes: object = {}): Promise<{ world: ModuleWorld; id: string }> {
  const world = new ModuleWorld();
  const id = await world.create(spec(changes));
  await world.finish(id, measure);
  return { world, id };
}

describe('several objectives', () => {
  test('the status has the front and its hypervolume from a stated reference, and no best trial', async () => {
    const { world, id } = await finish();
    const status = await readJobStatus(world.ledger, id, []);
    expect(status).toMatchObject({ state: 'completed', reason: null, best: null, counts: { complete: 8 } });
    expect(status.pareto).toEqual({
      objectives: [
        { metric: 'error', goal: 'minimize' },
        { metric: 'speed', goal: 'maximize' },
      ],
      front: [
        { number: 2, values: [1, 2] },
        { number: 1, values: [2, 4] },
        { number: 5, values: [4, 8] },
      ],
      omitted: 0,
      // From error 9, the worst, and speed 0: (9 − 4)·8 + (4 − 2)·4 + (2 − 1)·2.
      reference: [9, 0],
      hypervolume: 50,
    });
    expect((await listBestTrials(world.ledger, id, 2)).map((trial) => trial.number)).toEqual([2, 1]);
  });

  test.each(['gp', 'nsga-ii', 'random'])('every point of %s is replayed bit for bit', async (algorithm) => {
    const { world, id } = await finish({ search: { ...input.search, algorithm } });
    const { job } = await world.ledger.readJob(id);
    const trials = await world.ledger.readAllTrials(job);
    expect(world.suggested.at(-1)?.history[0]?.values ?? [9, 1]).toEqual([9, 1]);
    const replayed = [...replayTrials(spec({ search: { ...input.search, algorithm } }), trials, suggestPoint, {})];
    expect(replayed.map(({ equal }) => equal)).toEqual(Array<boolean>(8).fill(true));
  });

  test('a hypervolume beyond the range of numbers is the largest number', async () => {
    const world = new ModuleWorld();
    const id = await world.create(spec({ objectives: [input.objectives[0], { metric: 'speed', goal: 'maximize' }] }));
    await world.finish(id, (n) => ({ value: n * 1e300, metrics: { speed: (n - 4) * 4e307 } }));
    expect((await readJobStatus(world.ledger, id, [])).pareto!.hypervolume).toBe(Number.MAX_VALUE);
  });

  test('measured constraints keep trials off the front, and an invalidated trial makes room', async () => {
    const { world, id } = await finish({ constraints: [{ metric: 'speed', max: 7 }] });
    const front = async () => (await readJobStatus(world.ledger, id, [])).pareto!.front.map(({ number }) => number);
    expect(await front()).toEqual([2, 1, 6]);
    await invalidateTrial(world.ledger, id, '1', 'test');
    expect(await front()).toEqual([2, 3, 6]);
  });

  test('patience counts from the last change of the front', async () => {
    const { world, id } = await finish({ search: { ...input.search, maxParallelism: 1, stop: { patience: 2 } } });
    expect(await readJobStatus(world.ledger, id, [])).toMatchObject({
      stopped: { rule: 'patience' },
      counts: { complete: 5 },
    });
  });

  test('a result without an objective is refused', async () => {
    const world = new ModuleWorld();
    const id = await world.create(spec());
    await world.round();
    const [ref] = await world.startTrials(id);
    const result = { outcome: 'complete', value: 1, metrics: {}, curve: '', provenance: {} } as const;
    await expect(completeTrial(world.ledger, ref!, result)).rejects.toThrow(/metrics.speed: is missing/);
  });

  test('is exported and imported, and a forged front is refused', async () => {
    const { world, id } = await finish();
    const document = await exportJob(world.ledger, id);
    const copy = new Ledger(new MemoryStore());
    await importJob(copy, structuredClone(document));
    expect((await readJobStatus(copy, id, [])).pareto).toMatchObject({ hypervolume: 50 });
    const { front } = document.job.pareto!;
    const forgeries: ((pareto: ParetoRecord) => unknown)[] = [
      (pareto) => pareto.front.push({ number: 4, values: [5, 1] }),
      (pareto) => pareto.front.push(pareto.front[0]!),
      (pareto) => pareto.front.pop(),
      (pareto) => (pareto.front = []),
      (pareto) => (pareto.worst = [9, 8]),
      // Trials that were left out may dominate later ones of the front, but these do not dominate each other.
      (pareto) => Object.assign(pareto, { omitted: 1, front: [...front, { number: 4, values: [5, 1] }] }),
    ];
    for (const forge of forgeries) {
      const forged = structuredClone(document);
      forge(forged.job.pareto!);
      await expect(importJob(new Ledger(new MemoryStore()), forged)).rejects.toThrow(/job.pareto/);
    }
    const later = structuredClone(document);
    Object.assign(later.job.pareto!, { omitted: 1, front: [{ number: 4, values: [5, 1] }] });
    await importJob(new Ledger(new MemoryStore()), later);
  });

  test.each([
    [{ objectives: [input.objectives[0]] }, /objectives/],
    [{ objectives: [input.objectives[1], { metric: 'size', goal: 'minimize' }] }, /which is error/],
    [
      { objectives: [{ metric: 'error', goal: 'maximize' }, input.objectives[1]] },
      /objectives.0.goal must be minimize/,
    ],
    [{ objectives: [input.objectives[0], input.objectives[0]] }, /objectives.1.metric is an objective already/],
    [{ search: { trials: 3, algorithm: 'tpe' } }, /search.algorithm tpe searches one objective/],
    [{ search: { trials: 3, pruning: 'median' } }, /search.pruning compares one metric/],
    [{ search: { trials: 3, stop: { target: 1 } } }, /search.stop.target is for one objective/],
    [{ objectives: undefined, search: { trials: 3, algorithm: 'nsga-ii' } }, /search.algorithm searches several/],
  ])('refuses %j', (changes, message) => {
    const problems = (): string => {
      try {
        spec(changes);
        return '';
      } catch (error) {
        return (error as InvalidInput).problems
          .map(({ path, message: text }) => `${path.join('.')} ${text}`)
          .join('\n');
      }
    };
    expect(problems()).toMatch(message);
  });

  test('a training has no confirmations, and knows the metrics that it measures', () => {
    const objectives = [
      { metric: 'aulc', goal: 'minimize' },
      { metric: 'trainMilliseconds', goal: 'minimize' },
    ];
    const rest = { ...jobInput, confirm: undefined };
    const pruning = { search: { trials: 4 } };
    expect(parseJob({ ...rest, ...pruning, objectives }).confirm).toMatchObject({ top: 0, seeds: 0 });
    const unknown = [objectives[0], { metric: 'latency', goal: 'minimize' }];
    expect(() => parseJob({ ...rest, ...pruning, objectives: unknown })).toThrow(/is not measured by trainings/);
    expect(() => parseJob({ ...rest, ...pruning, objectives, confirm: { top: 1, seeds: 2 } })).toThrow(/confirm/);
    expect(trainingJob().objectives).toBeUndefined();
  });
});

test('the record of a front stays small: beyond 100 trials, those with the least space are left out', () => {
  let pareto: ParetoRecord | undefined;
  for (let number = 0; number < 300; number++) {
    const t = (number * 0.618034) % 1;
    ({ pareto } = addToFront(pareto, { number, values: [t, 1 - t] }, (values) => [...values]));
  }
  expect(pareto!.front).toHaveLength(MAX_FRONT);
  expect(pareto!.omitted).toBe(200);
  const firsts = pareto!.front.map(({ values }) => values[0]!);
  expect(Math.min(...firsts)).toBeLessThan(0.02);
  expect(Math.max(...firsts)).toBeGreaterThan(0.98);
  expect(JSON.stringify(pareto).length).toBeLessThan(8_000);
});

test('a trial that is left out at once does not change the front', () => {
  const keep = (values: readonly number[]): number[] => [...values];
  let pareto: ParetoRecord | undefined;
  for (let number = 0; number < MAX_FRONT; number++) {
    const t = number / (MAX_FRONT - 1);
    ({ pareto } = addToFront(pareto, { number, values: [t, 1 - t] }, keep));
  }
  const t = 50.5 / (MAX_FRONT - 1);
  const crowded = addToFront(pareto, { number: 200, values: [t, 1 - t] }, keep);
  expect([crowded.pareto.front, crowded.isChanged]).toEqual([pareto!.front, false]);
  const best = addToFront(pareto, { number: 201, values: [-1, -1] }, keep);
  expect(best).toMatchObject({ pareto: { front: [{ number: 201 }] }, isChanged: true });
});
