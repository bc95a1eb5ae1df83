export { ProcessTrainer, type ProcessTrainerOptions } from './process-trainer.ts';
