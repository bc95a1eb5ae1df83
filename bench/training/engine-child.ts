// Trains cases on one backend: {objective, steps} a line in, {imagesPerSecond} a line out. Arguments: backend, threads,
// cache.
import { createInterface } from 'node:readline';
import { trainingObjectiveSchema, type TrainingObjective } from '@gradsmith/core/objective';
import { type BackendName, train, useBackend } from '@gradsmith/training';
import { getKernelOps } from '@gradsmith/training/backends';
import { loadDataSet, type DataSet } from '@gradsmith/training/data';

const [name, threads, cacheDir] = process.argv.slice(2) as [BackendName, string, string];
const backend = await useBackend(name, { cacheDir, threads: Number(threads) });
const known = new Map<string, DataSet>();

async function loadData({ dataset }: TrainingObjective): Promise<DataSet> {
  const key = JSON.stringify(dataset);
  const data = known.get(key) ?? (await loadDataSet(dataset, { cacheDir }));
  known.set(key, data);
  return data;
}

for await (const line of createInterface({ input: process.stdin })) {
  const objective = trainingObjectiveSchema.parse((JSON.parse(line) as { objective: unknown }).objective);
  const data = await loadData(objective);
  const { metrics } = await train(objective, data, { backend, ops: getKernelOps(name) });
  process.stdout.write(`${JSON.stringify({ imagesPerSecond: metrics['imagesPerSecond'] })}\n`);
}
