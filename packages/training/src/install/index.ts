export { installableBackends, installBackend, type InstallableBackend, type InstallOptions } from './install-backend.ts';
