export { runCoordinator } from './run-coordinator.ts';
export type { ReportOutage } from './outage.ts';
