// A parent that starts a trainer in a busy loop and waits for a kill. Argument: the cache.
import { fileURLToPath } from 'node:url';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import { ProcessTrainer } from '../../src/process/index.ts';
import { objective } from './objective.ts';

const entry = fileURLToPath(new URL('./behaviors.ts', import.meta.url));
const trainer = new ProcessTrainer({ backend: 'cpu', cacheDir: process.argv[2]!, entry });
await trainer.start();
void trainer.train(
  { key: 'spin', objective: trainingObjectiveSchema.parse(objective), timeoutMs: 1e6 },
  {
    signal: new AbortController().signal,
    onProgress: () => console.log(trainer.pid),
  },
);
