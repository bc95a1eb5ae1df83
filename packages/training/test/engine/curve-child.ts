// Trains `busy` on the given backend with the given number of threads and prints its loss curve, so that a test can
// compare processes.
import { type BackendName, getKernelOps, useBackend } from '../../src/backends/index.ts';
import { train } from '../../src/engine/train.ts';
import { testOptions } from '../backends/installed.ts';
import { createBusyObjective, busyData } from './busy.ts';

const [, , name, threads = testOptions.threads] = process.argv as [string, string, BackendName, string?];
const { curve } = await train(createBusyObjective(), busyData, {
  backend: await useBackend(name, { ...testOptions, threads: Number(threads) }),
  ops: getKernelOps(name),
});
process.stdout.write(curve);
