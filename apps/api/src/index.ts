export { buildApi } from './build-api.ts';
export type { ApiDeps } from './deps.ts';
