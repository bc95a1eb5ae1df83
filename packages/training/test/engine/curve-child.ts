import { useBackend } from '../../src/backends/index.ts';
import { train } from '../../src/engine/index.ts';
import { currentOps } from './helpers.ts';
import { busy, busyData } from './busy.ts';

// Run by train.test.ts in processes of their own: prints the loss curve of one training.
const backend = await useBackend('wasm');
const { curve } = await train(busy(), busyData, { backend, ops: currentOps() });
process.stdout.write(curve);
