// Trains cases on one backend: {objective, steps} a line in, {imagesPerSecond} a line out. The first line is the
// runtime. Arguments: backend, threads, cache.
import { createInterface } from 'node:readline';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import { type BackendName, formatRuntime, train } from '@gradsmith/training';
import { getKernelOps } from '@gradsmith/training/backends';
import { createDataLoader } from './load-data-once.ts';
import { startBackend } from './start-backend.ts';

const [name, threads, cacheDir] = process.argv.slice(2) as [BackendName, string, string];
const backend = await startBackend(name, Number(threads), cacheDir);
process.stdout.write(`${JSON.stringify({ runtime: formatRuntime(backend) })}\n`);
const loadData = createDataLoader(cacheDir);

for await (const line of createInterface({ input: process.stdin })) {
  const objective = trainingObjectiveSchema.parse((JSON.parse(line) as { objective: unknown }).objective);
  const data = await loadData(objective);
  const { metrics } = await train(objective, data, { backend, ops: getKernelOps(name) });
  process.stdout.write(`${JSON.stringify({ imagesPerSecond: metrics['imagesPerSecond'] })}\n`);
}
