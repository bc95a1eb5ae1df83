export { backendNames, type BackendName } from '../kernels/backend-description.ts';
export { claimGpus, gpuModes, type ClaimedGpus, type GpuMode } from './claim-gpus.ts';
export { ProcessTrainer, type ProcessTrainerOptions } from './process-trainer.ts';
export { chooseBackend } from './choose-backend.ts';
export { chooseOneDnnMode } from './choose-one-dnn-mode.ts';
export { countThreadsPerSlot } from './create-trainers.ts';
export { WorkerTrainers } from './worker-trainers.ts';
