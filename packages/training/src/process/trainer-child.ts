// The program of a trainer process; ProcessTrainer starts it.
import { formatRuntime, useBackend } from '../backends/index.ts';
import { CheckpointFolder } from './checkpoints.ts';
import { chooseOneDnnMode } from './choose-one-dnn-mode.ts';
import { trainingRunner } from './run-training.ts';
import { serve } from './serve.ts';

await serve(async ({ backend: name, cacheDir, threads, gpu, cudaDevice, checkpoints: options }, warn) => {
  const oneDnn = name === 'tensorflow' ? await chooseOneDnnMode(cacheDir) : undefined;
  const backend = await useBackend(name, { cacheDir, threads, gpu, cudaDevice, oneDnn });
  const checkpoints = options && new CheckpointFolder({ ...options, warn });
  return {
    runtime: formatRuntime(backend),
    device: backend.device,
    run: trainingRunner({ backend, cacheDir, checkpoints }),
  };
});
