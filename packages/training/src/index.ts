export {
  backendNames,
  formatRuntime,
  useBackend,
  type BackendDescription,
  type BackendName,
} from './backends/index.ts';
export {
  type Checkpoint,
  checkpointKey,
  decodeCheckpoint,
  encodeCheckpoint,
  ENGINE_VERSION,
  type KernelOps,
  measureLandscape,
  portableOps,
  train,
  type TrainingOptions,
  type TrainingProgress,
} from './engine/index.ts';
