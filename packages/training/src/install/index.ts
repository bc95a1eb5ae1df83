export { installableBackends, installBackend, installedTensorflow, type InstallableBackend, type InstallOptions } from './install-backend.ts';
