import { InvalidInput } from '@gradsmith/core/domain';
// A trainer process whose trainings behave as their key says: every way in which a real one can exit.
import { serve, type TrainingRunner } from '../../src/process/serve.ts';

const result = { outcome: 'complete' as const, value: 1, metrics: {}, curve: '', provenance: { pid: process.pid } };

const behaviors: Record<string, TrainingRunner> = {
  async finish(_, report) {
    report({ step: 3, partialSum: 0.5 });
    return result;
  },
  nonsense: async () => ({ ...result, value: Number.NaN }),
  crash: async () => process.abort(),
  spin: async (_, report) => {
    report({ step: 1, partialSum: 0 });
    for (;;);
  },
  async hog() {
    const kept: Uint8Array[] = [];
    for (;;) kept.push(new Uint8Array(2 ** 24).fill(1));
  },
  throw: async () => {
    throw new Error('a kernel failed');
  },
  refuse: async () => {
    throw new InvalidInput([{ path: ['dataset'], message: 'is not here' }], 'the objective');
  },
};

await serve(async ({ cacheDir }) => {
  if (cacheDir.endsWith('no backend')) throw new Error('no such device');
  return {
    runtime: 'test runtime',
    device: 'cpu',
    run: (request, report) => behaviors[request.key]!(request, report),
  };
});
