// The program of a trainer process; ProcessTrainer starts it.
import { formatRuntime, useBackend } from '../backends/index.ts';
import { CheckpointFolder } from './checkpoints.ts';
import { chooseOneDnnMode } from './choose-one-dnn-mode.ts';
import { killInDefaultMode } from './kill-in-default-mode.ts';
import { trainingRunner } from './run-training.ts';
import { serve } from './serve.ts';

await serve(async ({ backend: name, cacheDir, threads, gpu, cudaDevice, checkpoints: options, oneDnn: mode }, warn) => {
  const oneDnn = name === 'tensorflow' ? (mode ?? (await chooseOneDnnMode(cacheDir))) : undefined;
  const backend = await useBackend(name, { cacheDir, threads, gpu, cudaDevice, oneDnn });
  const checkpoints = options && new CheckpointFolder({ ...options, warn });
  const run = trainingRunner({ backend, cacheDir, checkpoints });
  return {
    runtime: formatRuntime(backend),
    device: backend.device,
    run: async (request, report) => {
      if (oneDnn) killInDefaultMode(oneDnn, 'networks');
      return run(request, report);
    },
  };
});
