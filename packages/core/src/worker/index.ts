export type { ExecutorDeps } from './deps.ts';
export { executeTrial, type Executed } from './execute-trial.ts';
export { runWorker, type RunWorkerDeps } from './run-worker.ts';
