// A trainer process whose machine lacks the data set of each training if its cache is in a folder `empty`.
import { basename } from 'node:path';
import { DataSetMissing } from '../../src/data/index.ts';
import { serve } from '../../src/process/serve.ts';

const result = { outcome: 'complete' as const, value: 1, metrics: {}, curve: '', provenance: {} };

await serve(async ({ cacheDir }) => ({
  runtime: 'test',
  device: 'cpu',
  run: async () => {
    if (basename(cacheDir) === 'empty') throw new DataSetMissing('mnist', cacheDir);
    return result;
  },
}));
