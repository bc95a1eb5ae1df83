import { expect, test } from 'vitest';
import type { Recording } from '../../src/domain/index.ts';
import { exportJob, importJob, streamJobDocument, type JobDocument } from '../../src/jobs/index.ts';
import { completeTrial, readTrialDetail } from '../../src/trials/index.ts';
import { job, jobInput } from '../support/jobs.ts';
import { World } from '../support/world.ts';

const recording: Recording = {
  layer: 'fc2',
  shape: [1, 2],
  steps: [0, 1],
  weights: 'AACAPwAAgD8AAIA/AACAPw==',
  cosines: [null],
};

/** A finished job whose trials recorded weights. */
async function finishRecordedJob(): Promise<{ world: World; id: string; document: JobDocument }> {
  const world = new World();
  const objective = { ...jobInput.objective, record: { weights: 'fc2' } };
  const id = await world.create(job({ objective, confirm: { top: 0, seeds: 0 } }));
  for (;;) {
    await world.round();
    const refs = await world.startTrials(id);
    if (!refs.length) break;
    for (const ref of refs)
      await completeTrial(world.ledger, ref, {
        outcome: 'complete',
        value: 1,
        metrics: {},
        curve: '',
        provenance: {},
        recording,
      });
  }
  return { world, id, document: await exportJob(world.ledger, id) };
}

test('recorded weights are read with the trial, exported, streamed and imported', async () => {
  const { world, id, document } = await finishRecordedJob();
  expect(await readTrialDetail(world.ledger, id, '2')).toMatchObject({ recording });
  expect(Object.keys(document.recordings!)).toEqual(['0', '1', '2', '3', '4', '5', 'reference']);
  const streamed: string[] = [];
  for await (const part of streamJobDocument(world.ledger, await world.ledger.readJob(id))) streamed.push(part);
  expect(JSON.parse(streamed.join(''))).toEqual(document);
  const other = new World();
  await importJob(other.ledger, document);
  expect(await exportJob(other.ledger, id)).toEqual(document);
});

test.each([
  ['an unknown trial', { 99: recording }, /there is no such trial/],
  ['missing snapshots', { 0: { ...recording, steps: [0, 1, 2] } }, /weights of every snapshot/],
])('an import refuses the weights of %s', async (_, recordings, message) => {
  const { document } = await finishRecordedJob();
  await expect(importJob(new World().ledger, { ...document, recordings })).rejects.toThrow(message);
});
