export { backendNames, fingerprint, type BackendDescription, type BackendName } from './backend.ts';
export { BackendUnavailable, type UnavailableReason } from './unavailable.ts';
export { useBackend } from './use-backend.ts';
export { kernelOps } from './kernel-ops.ts';
