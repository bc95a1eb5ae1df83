export {
  backendNames,
  formatRuntime,
  type BackendDescription,
  type BackendName,
} from '../kernels/backend-description.ts';
export { BackendUnavailable, type UnavailableReason } from './unavailable.ts';
export { type OneDnnMode } from './tensorflow/one-dnn.ts';
export { useBackend } from './use-backend.ts';
export { getKernelOps } from './get-kernel-ops.ts';
