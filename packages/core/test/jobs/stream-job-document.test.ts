import { expect, test } from 'vitest';
import { exportJob, streamJobDocument, type JobDocument } from '../../src/jobs/index.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

async function readTexts(texts: AsyncIterable<string>): Promise<string[]> {
  const read: string[] = [];
  for await (const text of texts) read.push(text);
  return read;
}

test('streams what an export collects, in texts that are not longer than a curve and a chunk', async () => {
  const world = new World();
  const { ledger } = world;
  const id = await world.create(job({ search: { trials: 50, maxParallelism: 4 } }));
  while ((await ledger.readJob(id)).job.state !== 'completed') {
    await world.round();
    await world.work(id, () => 1);
  }
  const curve = 'A'.repeat(300_000);
  ledger.readCurves = async (_, ids) => ids.map((each) => (each === '7' ? '' : curve));
  const texts = await readTexts(streamJobDocument(ledger, await ledger.readJob(id)));
  const document = JSON.parse(texts.join('')) as JobDocument;
  expect(document.trials.length).toBeGreaterThan(50);
  expect(Object.keys(document.curves)).toHaveLength(document.trials.length - 1);
  expect(document).toEqual(await exportJob(ledger, id));
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(curve.length + 70_000);
});
