export { runCoordinator } from './run-coordinator.ts';
export { chooseRuntime, EXTERNAL, MODULE_BACKEND } from '../jobs/choose-runtime.ts';
