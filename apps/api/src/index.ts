export { buildApi, type ApiDeps } from './build-api.ts';
