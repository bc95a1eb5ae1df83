export { backendNames, type BackendName } from '../kernels/backend-description.ts';
export { ProcessTrainer, type ProcessTrainerOptions } from './process-trainer.ts';
export { chooseBackend, type Choice } from './choose-backend.ts';
export { countThreadsPerSlot, createTrainers, type TrainersOptions } from './create-trainers.ts';
