export { backendNames, fingerprint, type BackendDescription, type BackendName } from './backend.ts';
export { useBackend } from './use-backend.ts';
export { kernelOps } from './kernel-ops.ts';
