// Trains networks on one backend: a `Question` a line in, a `PopulationRun` a line out. The first line is the runtime.
// Arguments: backend, threads, cache.
import { createInterface } from 'node:readline';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import { type BackendName, formatRuntime } from '@gradsmith/training';
import { getKernelOps } from '@gradsmith/training/backends';
import { runPopulation } from '@gradsmith/training/population';
import { createDataLoader } from '../training/load-data-once.ts';
import { startBackend } from '../training/start-backend.ts';
import type { Question } from './measure.ts';

const [name, threads, cacheDir] = process.argv.slice(2) as [BackendName, string, string];
const backend = await startBackend(name, Number(threads), cacheDir);
process.stdout.write(`${JSON.stringify({ runtime: formatRuntime(backend) })}\n`);
const loadData = createDataLoader(cacheDir);

for await (const line of createInterface({ input: process.stdin })) {
  const { objectives, ...options } = JSON.parse(line) as Question;
  const parsed = objectives.map((objective) => trainingObjectiveSchema.parse(objective));
  const run = await runPopulation(parsed, await loadData(parsed[0]!), { ...options, ops: getKernelOps(name) });
  process.stdout.write(`${JSON.stringify(run)}\n`);
}
