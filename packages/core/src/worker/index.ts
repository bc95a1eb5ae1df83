export type { ExecutorDeps } from './deps.ts';
export { executeTrial, type Executed } from './execute-trial.ts';
