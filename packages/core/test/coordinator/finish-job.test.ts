import { expect, test } from 'vitest';
import { readJobStatus } from '../../src/jobs/index.ts';
import { parseJob } from '../../src/spec/index.ts';
import { askTrial, completeTrial, failTrial, recordHeartbeat } from '../../src/trials/index.ts';
import { outsideInput, outsideJob } from '../support/external.ts';
import { World } from '../support/world.ts';

const LEASE = { leaseMs: 60_000 };

/** Asks for every trial of an external job and ends each as `end` says. */
async function runJob(world: World, id: string, end: (trialId: string, attemptId: string) => Promise<unknown>) {
  for (let n = 0; n < 6; n++) {
    await world.round();
    const attemptId = `attempt-${n}`;
    const asked = await askTrial(world.ledger, id, attemptId, 'program', LEASE);
    if (asked.kind === 'trial') await end(asked.trial.id, attemptId);
  }
  await world.round();
}

function externalWorld(): World {
  const world = new World();
  world.suggest = ({ number }) => ({
    kind: 'point',
    source: 'initial',
    point: { depth: number + 1, share: 0.5, criterion: 'gini', jobs: 1 },
  });
  return world;
}

test('fails a job in which no trial succeeded, with the most frequent reason', async () => {
  const world = externalWorld();
  const id = await world.create(outsideJob());
  await runJob(world, id, (trialId, attemptId) =>
    failTrial(world.ledger, { jobId: id, trialId, attemptId }, trialId === '0' ? 'no disk' : 'no memory', {
      final: true,
    }),
  );
  expect(await readJobStatus(world.ledger, id, [])).toMatchObject({
    state: 'failed',
    reason: 'no trial succeeded; 5 of 6 failed trials: no memory',
    counts: { failed: 6 },
  });
});

test('completes a job in which one trial succeeded', async () => {
  const world = externalWorld();
  const id = await world.create(outsideJob());
  await runJob(world, id, (trialId, attemptId) => {
    const ref = { jobId: id, trialId, attemptId };
    if (trialId !== '3') return failTrial(world.ledger, ref, 'no disk', { final: true });
    return completeTrial(world.ledger, ref, { outcome: 'complete', value: 1, metrics: {}, curve: '', provenance: {} });
  });
  expect(await readJobStatus(world.ledger, id, [])).toMatchObject({ state: 'completed', best: { trial: '3' } });
});

test('ends an attempt of an external program that takes longer than limits.trialTimeout', async () => {
  const world = externalWorld();
  const id = await world.create(parseJob({ ...outsideInput, limits: { trialTimeout: '3s', attempts: 1 } }));
  await world.round();
  await askTrial(world.ledger, id, 'slow', 'program', LEASE);
  const ref = { jobId: id, trialId: '0', attemptId: 'slow' };
  world.store.now += 2_000;
  await world.round();
  expect(await recordHeartbeat(world.ledger, ref, null, LEASE)).toBe('continue');
  world.store.now += 2_000;
  await world.round();
  expect(await recordHeartbeat(world.ledger, ref, null, LEASE)).toBe('stale');
  const result = { outcome: 'complete', value: 1, metrics: {}, curve: '', provenance: {} } as const;
  expect(await completeTrial(world.ledger, ref, result)).toBe('stale');
  const [trial] = await world.ledger.readTrials(id, ['0']);
  expect(trial).toMatchObject({ state: 'failed', reason: 'it took longer than limits.trialTimeout (3s)' });
});
