// Trains `busy` on the backend named and prints its loss curve, so that a test can compare processes.
import { type BackendName, kernelOps, useBackend } from '../../src/backends/index.ts';
import { train } from '../../src/engine/train.ts';
import { testOptions } from '../backends/installed.ts';
import { busy, busyData } from './busy.ts';

const name = process.argv[2] as BackendName;
const { curve } = await train(busy(), busyData, { backend: await useBackend(name, testOptions), ops: kernelOps(name) });
process.stdout.write(curve);
