import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { trainingObjectiveSchema, type TrainingObjective } from '@gradsmith/core/objective';
import { z } from 'zod';
import type { Installation } from '../backends/tensorflow/addon.ts';
import { toEnvironment, type OneDnnMode } from '../backends/tensorflow/one-dnn.ts';
import { oneDnnModeSchema } from './messages.ts';

/** The result of probing one mode. */
export type ProbeResult =
  | { readonly ok: true; readonly milliseconds: number }
  | { readonly ok: false; readonly reason: string };

/** Rejects with the reason of `signal` if it aborts, and ends the process of the probe. */
export type Probe = (mode: OneDnnMode, signal?: AbortSignal) => Promise<ProbeResult>;

/** Configuration of a probe process. Without `job`, it trains networks with every kind of layer. */
export const probeSchema = z.strictObject({
  folder: z.string(),
  addon: z.enum(['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']),
  mode: oneDnnModeSchema,
  job: z.strictObject({ objective: trainingObjectiveSchema, cacheDir: z.string() }).optional(),
});

/** A training of which one step is probed. */
export interface ProbedJob {
  objective: TrainingObjective;
  /** Folder of the data sets. */
  cacheDir: string;
  /** Threads of its trainer. */
  threads: number;
}

export interface ProbeOptions {
  /** Where TensorFlow is installed. */
  folder: string;
  addon: Installation['addon'];
  job?: ProbedJob;
}

/** A probe that takes longer has hung, ms. */
const TIMEOUT_MS = 300_000;

/** Returns a probe of the installed TensorFlow: each call trains in its own process. */
export function createProbe({ folder, addon, job }: ProbeOptions): Probe {
  const program = fileURLToPath(new URL('./probe-child.ts', import.meta.url));
  const config = { folder, addon, job: job && { objective: job.objective, cacheDir: job.cacheDir } };
  return async (mode, signal) => {
    signal?.throwIfAborted();
    const child = spawn(process.execPath, [program, JSON.stringify({ ...config, mode })], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      signal,
      killSignal: 'SIGKILL',
      env: createEnvironment(mode, job?.threads),
    });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-500)));
    const end = await new Promise<string>((resolve) => {
      child.once('error', ({ message }) => resolve(message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    signal?.throwIfAborted();
    const milliseconds = Number(output.trim().split('\n').at(-1));
    if (end === 'exit code 0' && milliseconds > 0) return { ok: true, milliseconds };
    return { ok: false, reason: [end, errors.trim().split('\n').at(-1)].filter(Boolean).join(', ') };
  };
}

function createEnvironment(mode: OneDnnMode, threads: number | undefined): NodeJS.ProcessEnv {
  // oxlint-disable-next-line node/no-process-env -- handed on, never read
  const environment = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', ...toEnvironment(mode) };
  if (threads === undefined) return environment;
  const count = String(threads);
  return { ...environment, TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: count, OMP_NUM_THREADS: count };
}
