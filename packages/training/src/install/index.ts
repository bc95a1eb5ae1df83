export type { InstallableBackend } from '../backends/installation.ts';
export { installableBackends, installBackend, installedTensorflow } from './install-backend.ts';
