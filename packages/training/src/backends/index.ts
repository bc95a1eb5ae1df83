export { formatRuntime, type BackendDescription, type BackendName } from '../kernels/backend-description.ts';
export { BackendUnavailable } from './unavailable.ts';
export { useBackend } from './use-backend.ts';
export { getKernelOps } from './get-kernel-ops.ts';
