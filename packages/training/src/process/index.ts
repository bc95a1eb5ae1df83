export { backendNames, type BackendName } from '../backends/backend.ts';
export { ProcessTrainer, type ProcessTrainerOptions } from './process-trainer.ts';
export { chooseBackend, type Choice } from './choose-backend.ts';
