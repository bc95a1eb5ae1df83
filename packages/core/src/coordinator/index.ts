export { runCoordinator } from './run-coordinator.ts';
