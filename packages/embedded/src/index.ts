export { LocalDispatcher } from './dispatcher.ts';
export { LocalSignals } from './signals.ts';
export { SqliteStore } from './store.ts';
export { LocalWorkerRegistry } from './workers.ts';
