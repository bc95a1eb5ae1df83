import { type BackendDescription, type BackendName, useBackend } from '@gradsmith/training';
import { chooseOneDnnMode } from '@gradsmith/training/process';

/** Starts a backend as workers do: on processors on which TensorFlow's default crashes, in a mode that does not. */
export async function startBackend(name: BackendName, threads: number, cacheDir: string): Promise<BackendDescription> {
  const oneDnn = name === 'tensorflow' ? await chooseOneDnnMode(cacheDir) : undefined;
  return useBackend(name, { cacheDir, threads, oneDnn });
}
