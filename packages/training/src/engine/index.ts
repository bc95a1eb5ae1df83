export { type Checkpoint, checkpointKey, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
export { type KernelOps, portableOps } from '../kernels/kernel-ops.ts';
export { measureLandscape } from './landscape.ts';
export { train } from './train.ts';
