export { backendNames, type BackendName } from '../kernels/backend-description.ts';
export { ProcessTrainer, type ProcessTrainerOptions } from './process-trainer.ts';
export { chooseBackend, type Choice } from './choose-backend.ts';
export { countThreadsPerSlot } from './create-trainers.ts';
export { WorkerTrainers } from './worker-trainers.ts';
