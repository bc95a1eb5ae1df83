export { LocalDispatcher } from './dispatcher.ts';
export { LocalSignals } from './signals.ts';
export { SqliteStore, type SqliteSettings } from './store.ts';
export { LocalWorkerRegistry } from './workers.ts';
