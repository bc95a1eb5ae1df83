import { dispatcherConformance, MemoryLog, signalsConformance, storeConformance, workerRegistryConformance } from '@gradsmith/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalDispatcher, LocalSignals, LocalWorkerRegistry, SqliteStore } from '../src/index.ts';

storeConformance('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-sqlite-'));
  return {
    open: () => SqliteStore.open({ file: join(folder, 'ledger.sqlite') }),
    dispose: async () => rmSync(folder, { recursive: true }),
  };
});

dispatcherConformance('local', async () => {
  const dispatcher = new LocalDispatcher(new MemoryLog());
  return { dispatcher, dispose: () => dispatcher.close() };
});

workerRegistryConformance('local', async () => ({ workers: new LocalWorkerRegistry(), dispose: async () => {} }));

signalsConformance('local', async () => {
  const signals = new LocalSignals();
  return { signals, dispose: () => signals.close() };
});
