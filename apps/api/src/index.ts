export { buildApi } from './build-api.ts';
export type { ApiDeps } from './deps.ts';
export { decideAccess } from './keys/access.ts';
export { makeKey } from './keys/key.ts';
export { logOptions } from './log.ts';
export type { ApiSettings } from './settings.ts';
