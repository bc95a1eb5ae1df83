export type { InstallableBackend } from '../backends/installation.ts';
export { installableBackends, installBackend, installedTensorflow } from './install-backend.ts';
export type { InstallOptions } from './installer.ts';
