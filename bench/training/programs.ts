import { fileURLToPath } from 'node:url';
import { PipedProgram } from '../lib/piped-program.ts';
import { pythonEnvironment } from '../lib/python.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** PyTorch, loaded and waiting for cases; it takes and gives what `../peers/torch_peer.py` says. */
export function startTorch(): PipedProgram {
  const python = pythonEnvironment('torch', path('../peers/torch-requirements.txt'));
  return new PipedProgram('the PyTorch peer', python, [path('../peers/torch_peer.py')]);
}

/** A training process of this repository's engine, loaded and waiting for cases. */
export function startEngine(backend: 'tensorflow' | 'wasm', threads: number, cacheDir: string): PipedProgram {
  return new PipedProgram(`the backend ${backend}`, process.execPath, [
    path('./engine-child.ts'),
    backend,
    String(threads),
    cacheDir,
  ]);
}
