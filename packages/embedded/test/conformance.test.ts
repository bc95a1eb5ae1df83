import {
  dispatcherConformance,
  MemoryLog,
  signalsConformance,
  storeConformance,
  workerRegistryConformance,
} from '@gradsmith/testing';
import { LocalDispatcher, LocalSignals, LocalWorkerRegistry } from '../src/index.ts';
import { sqliteFile } from './helpers.ts';

storeConformance('SQLite', sqliteFile);

dispatcherConformance('local', async () => {
  const dispatcher = new LocalDispatcher(new MemoryLog());
  return { dispatcher, dispose: () => dispatcher.close() };
});

workerRegistryConformance('local', async () => ({ workers: new LocalWorkerRegistry(), dispose: async () => {} }));

signalsConformance('local', async () => {
  const signals = new LocalSignals();
  return { signals, dispose: () => signals.close() };
});
