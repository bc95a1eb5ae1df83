export { runWorker, type RunWorkerDeps } from './run-worker.ts';
