// A trainer process that ends by SIGFPE in every training, unless its configuration names a mode of oneDNN.
import { serve } from '../../src/process/serve.ts';

const result = { outcome: 'complete' as const, value: 1, metrics: {}, curve: '', provenance: { pid: process.pid } };

await serve(async ({ oneDnn }) => ({
  runtime: oneDnn ? 'test onednn=off' : 'test',
  device: 'cpu',
  run: async () => {
    if (!oneDnn) process.kill(process.pid, 'SIGFPE');
    return result;
  },
}));
