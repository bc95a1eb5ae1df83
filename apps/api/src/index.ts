export { buildApi } from './build-api.ts';
export type { ApiDeps } from './deps.ts';
export { logOptions } from './log.ts';
export type { ApiSettings } from './settings.ts';
