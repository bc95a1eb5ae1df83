export { formatRuntime, useBackend, type BackendDescription, type BackendName } from './backends/index.ts';
export { measureLandscape, portableOps, train } from './engine/index.ts';
