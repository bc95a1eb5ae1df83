import { suggestPoint } from '@gradsmith/bayesopt';
import { describe, expect, test } from 'vitest';
import { addEnqueuedPoint } from '../../src/domain/enqueued-points.ts';
import { Conflict, InvalidInput } from '../../src/domain/index.ts';
import { exportJob, extendJob, importJob, steerJob } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import { type JobSpec } from '../../src/spec/index.ts';
import {
  askTrial,
  startTrial,
  enqueuePoint,
  failTrial,
  createTrial,
  replayTrials,
  retryTrial,
  completeTrial,
} from '../../src/trials/index.ts';
import { outsideJob } from '../support/external.ts';
import { job } from '../support/jobs.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { World } from '../support/world.ts';

const point = { depth: 3, share: 0.5, criterion: 'gini' };
const timing = { leaseMs: 30_000 };

async function startJob(
  spec: JobSpec = outsideJob(),
): Promise<{ world: World; id: string; ledger: Ledger; seq(): Promise<number> }> {
  const world = new World();
  world.suggest = suggestPoint;
  const id = await world.create(spec);
  await world.round();
  return { world, id, ledger: world.ledger, seq: async () => (await world.ledger.readJob(id)).job.seq };
}

/** Asks for trials and reports them until there is none. Returns their ids. */
async function finishJob(
  { world, id, ledger }: { world: World; id: string; ledger: Ledger },
  value: (trial: string) => number,
): Promise<string[]> {
  const done: string[] = [];
  for (let n = 0; ; n++) {
    const answer = await askTrial(ledger, id, `a${n}`, 'program', timing);
    if (answer.kind === 'none') return done;
    const { trial } = answer;
    done.push(trial.id);
    await completeTrial(
      ledger,
      { jobId: id, trialId: trial.id, attemptId: `a${n}` },
      { outcome: 'complete', value: value(trial.id), metrics: {}, curve: '', provenance: {} },
    );
    await world.round();
  }
}

describe('an enqueued point', () => {
  test('becomes a trial before the optimizer’s points, in order and within the budget', async () => {
    const bench = await startJob();
    for (const depth of [3, 4, 5])
      await enqueuePoint(bench.ledger, bench.id, { key: `k${depth}`, caller: null }, { ...point, depth });
    await finishJob(bench, Number);
    const { job: record } = await bench.ledger.readJob(bench.id);
    const trials = await bench.ledger.readAllTrials(record);
    // Two were created before: the limit of open trials.
    expect(trials.map(({ source }) => source.kind)).toEqual([
      'initial',
      'initial',
      'enqueued',
      'enqueued',
      'enqueued',
      'initial',
    ]);
    expect(trials.slice(2, 5).map(({ point }) => point.depth)).toEqual([3, 4, 5]);
    expect(record).toMatchObject({ state: 'completed', counts: { complete: 6 } });
  });

  test('repeated under its key is found, enqueued or created; the key keeps its point', async () => {
    const bench = await startJob();
    expect(await enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, point)).toEqual({
      key: 'k',
      added: true,
      trial: null,
      ahead: 0,
    });
    const before = await bench.seq();
    expect(await enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, { ...point, jobs: 1 })).toEqual({
      key: 'k',
      added: false,
      trial: null,
      ahead: 0,
    });
    await expect(
      enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, { ...point, depth: 9 }),
    ).rejects.toThrow(Conflict);
    expect(await bench.seq()).toBe(before);
    await finishJob(bench, Number);
    expect(await enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, point)).toEqual({
      key: 'k',
      added: false,
      trial: '2',
      ahead: null,
    });
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    'may have %s as its key, which no object gets to feel',
    async (key) => {
      const bench = await startJob();
      expect(await enqueuePoint(bench.ledger, bench.id, { key, caller: null }, point)).toMatchObject({ added: true });
      expect(await enqueuePoint(bench.ledger, bench.id, { key, caller: null }, point)).toEqual({
        key,
        added: false,
        trial: null,
        ahead: 0,
      });
      try {
        await finishJob(bench, Number);
        expect(Object.prototype).not.toHaveProperty('trial');
      } finally {
        delete (Object.prototype as { trial?: string }).trial;
      }
      expect(await enqueuePoint(bench.ledger, bench.id, { key, caller: null }, point)).toEqual({
        key,
        added: false,
        trial: '2',
        ahead: null,
      });
      expect((await bench.ledger.readJob(bench.id)).job.counts.complete).toBe(6);
    },
  );

  test('becomes a trial also if an older version did not store its key', async () => {
    const bench = await startJob();
    await enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, point);
    const queue = { ...(await bench.ledger.readEnqueuedPoints(bench.id)), keys: {} };
    await bench.world.store.commit(bench.id, { expected: [], writes: [['queue', JSON.stringify(queue)]] });
    await finishJob(bench, Number);
    expect(await enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, point)).toEqual({
      key: 'k',
      added: false,
      trial: '2',
      ahead: null,
    });
  });

  test.each([
    [{ depth: 3, share: 0.5 }, 'point.criterion: is missing; it takes one of gini, entropy'],
    [{ ...point, depth: 2.5 }, 'point.depth: takes a whole number from 1 to 30'],
    [{ ...point, share: 2 }, 'point.share: takes a number from 0.1 to 1'],
    [{ ...point, jobs: 2 }, 'point.jobs: takes only 1'],
    [{ ...point, size: 1 }, 'point.size: is no parameter of this job; it has depth, share, criterion, jobs'],
  ])('that is not in the space is refused by name: %j', async (given, message) => {
    const bench = await startJob();
    const before = await bench.seq();
    await expect(enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, given)).rejects.toThrow(InvalidInput);
    await expect(enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, given)).rejects.toThrow(message);
    expect(await bench.seq()).toBe(before);
  });

  test('keeps its number if a suggestion was computed before it arrived', async () => {
    const bench = await startJob(outsideJob({ trials: 3 }));
    await enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, point);
    const { lease } = await bench.ledger.readJob(bench.id);
    const late = {
      id: '2',
      role: 'search',
      number: 2,
      confirms: null,
      point,
      seed: 0,
      source: { kind: 'initial', seenSeq: 0 },
    } as const;
    expect(await createTrial(bench.ledger, { jobId: bench.id, fence: lease!.fence }, late)).toBe('no-budget');
    await expect(enqueuePoint(bench.ledger, bench.id, { key: 'l', caller: null }, point)).rejects.toThrow(
      'extend it first',
    );
    expect(await finishJob(bench, Number)).toEqual(['0', '1', '2']);
  });

  test('is refused by a finished job, and stays enqueued in a paused one', async () => {
    const bench = await startJob();
    await steerJob(bench.ledger, bench.id, 'pause');
    await enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, point);
    expect(await finishJob(bench, Number)).toEqual([]);
    await steerJob(bench.ledger, bench.id, 'cancel');
    await expect(enqueuePoint(bench.ledger, bench.id, { key: 'l', caller: null }, point)).rejects.toThrow(Conflict);
  });
});

describe('retrying a failed trial', () => {
  test('returns its number to the budget and tries the point next, once', async () => {
    const bench = await startJob(outsideJob({ trials: 2 }));
    const failing = await askTrial(bench.ledger, bench.id, 'bad', 'program', timing);
    if (failing.kind !== 'trial') throw new Error('nothing to fail');
    await failTrial(bench.ledger, { jobId: bench.id, trialId: failing.trial.id, attemptId: 'bad' }, 'no disk', {
      final: true,
    });
    await finishJob(bench, Number);
    expect((await bench.ledger.readJob(bench.id)).job).toMatchObject({
      state: 'completed',
      counts: { failed: 1, complete: 1 },
    });
    expect(await retryTrial(bench.ledger, bench.id, failing.trial.id)).toMatchObject({ added: true, ahead: 0 });
    expect(await retryTrial(bench.ledger, bench.id, failing.trial.id)).toMatchObject({ added: false });
    await bench.world.round();
    expect(await finishJob(bench, Number)).toEqual(['2']);
    expect((await bench.ledger.readJob(bench.id)).job).toMatchObject({
      state: 'completed',
      counts: { failed: 0, complete: 2, cancelled: 1 },
      invalidated: 1,
    });
    const [again] = await bench.ledger.readTrials(bench.id, ['2']);
    expect(again!.point).toEqual(failing.trial.point);
    // The places of improvements count the trial that failed, and the job can be imported.
    expect((await bench.ledger.readJob(bench.id)).job.improvements![0]![0]).toBe(2);
    await importJob(new Ledger(new MemoryStore()), await exportJob(bench.ledger, bench.id));
  });

  /** A job whose trial 0 failed. */
  async function failFirst() {
    const bench = await startJob(outsideJob({ trials: 4 }));
    const answer = await askTrial(bench.ledger, bench.id, 'bad', 'program', timing);
    if (answer.kind !== 'trial') throw new Error('nothing to fail');
    await failTrial(bench.ledger, { jobId: bench.id, trialId: '0', attemptId: 'bad' }, 'no disk', { final: true });
    return { ...bench, failed: answer.trial };
  }

  test.each(['the same', 'another'])(
    'enqueues its point although a client used its key for %s point',
    async (which) => {
      const { ledger, id, failed } = await failFirst();
      const used = which === 'the same' ? failed.point : { ...failed.point, depth: failed.point.depth === 9 ? 8 : 9 };
      const enqueued = await enqueuePoint(ledger, id, { key: 'retry-0', caller: null }, used);
      expect(enqueued).toMatchObject({ added: true });
      expect(await retryTrial(ledger, id, '0')).toEqual({ key: 'retry-0', added: true, trial: null, ahead: 0 });
      expect(await retryTrial(ledger, id, '0')).toEqual({ key: 'retry-0', added: false, trial: null, ahead: 0 });
      expect(await enqueuePoint(ledger, id, { key: 'retry-0', caller: null }, used)).toMatchObject({
        added: false,
        ahead: 1,
      });
    },
  );

  test('finds the point that an earlier version enqueued again', async () => {
    const { ledger, id, failed } = await failFirst();
    await ledger.transact(id, { trials: ['0'], enqueued: true }, (draft) => {
      draft.moveTrial(draft.trials.get('0')!, 'replace');
      addEnqueuedPoint(draft.enqueued, { key: 'retry-0', point: failed.point }, 'first');
      draft.markChanged('enqueued');
    });
    expect(await retryTrial(ledger, id, '0')).toEqual({ key: 'retry-0', added: false, trial: null, ahead: 0 });
  });

  test('is refused for a trial that did not fail', async () => {
    const bench = await startJob();
    await expect(retryTrial(bench.ledger, bench.id, '0')).rejects.toThrow('only a failed trial');
    await expect(retryTrial(bench.ledger, bench.id, '77')).rejects.toThrow('does not exist');
  });
});

describe('replay', () => {
  test('recomputes every point after enqueued points, a retry, an extension and known results', async () => {
    const known = Array.from({ length: 5 }, (_, i) => ({
      point: { ...point, depth: 2 + i, jobs: 1 },
      outcome: 'complete',
      value: i / 10,
    }));
    const bench = await startJob(outsideJob({ algorithm: 'gp', trials: 7, known }));
    await enqueuePoint(bench.ledger, bench.id, { key: 'k', caller: null }, point);
    const failing = await askTrial(bench.ledger, bench.id, 'bad', 'program', timing);
    await failTrial(
      bench.ledger,
      { jobId: bench.id, trialId: failing.kind === 'trial' ? failing.trial.id : '', attemptId: 'bad' },
      'no disk',
      { final: true },
    );
    await finishJob(bench, (id) => Math.sin(Number(id)));
    await retryTrial(bench.ledger, bench.id, '0');
    await extendJob(bench.ledger, bench.id, 9);
    await bench.world.round();
    await finishJob(bench, (id) => Math.sin(Number(id)));
    const { job: record, spec } = await bench.ledger.readJob(bench.id);
    const trials = await bench.ledger.readAllTrials(record);
    expect(trials[0]!.source.kind).toBe('model');
    const replayed = [...replayTrials(spec, trials, suggestPoint, {})];
    expect(replayed.map(({ equal }) => equal)).toEqual(
      trials.map(({ source }) => (source.kind === 'enqueued' ? null : true)),
    );
    expect(replayed.filter(({ equal }) => equal === null)).toHaveLength(2);
    // Without the known results the first point comes out another way: they do take part.
    const without = [...replayTrials({ ...spec, search: { ...spec.search, known: [] } }, trials, suggestPoint, {})];
    expect(without[0]!.equal).toBe(false);
  });
});

describe('asking for a trial', () => {
  test('repeated with the same attempt finds the same trial; others get others, then none', async () => {
    const { ledger, id } = await startJob();
    const first = await askTrial(ledger, id, 'one', 'program', timing);
    expect(await askTrial(ledger, id, 'one', 'program', timing)).toEqual(first);
    const second = await askTrial(ledger, id, 'two', 'program', timing);
    expect(second.kind === 'trial' && second.trial.id).toBe('1');
    expect(await askTrial(ledger, id, 'three', 'program', timing)).toEqual({ kind: 'none', state: 'running' });
  });

  test('is refused for a job that workers train', async () => {
    const world = new World();
    const id = await world.create(job());
    await world.round();
    await expect(askTrial(world.ledger, id, 'one', 'program', timing)).rejects.toThrow('workers execute');
    expect(
      await startTrial(
        world.ledger,
        { jobId: id, trialId: 'reference', attemptId: 'x' },
        { worker: 'w', runtime: null },
        timing,
      ),
    ).toMatchObject({ kind: 'started' });
  });
});
