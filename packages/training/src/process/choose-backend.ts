import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readInstallation } from '../backends/tensorflow/addon.ts';
import { kernelVersion } from '../backends/wasm/kernels.generated.ts';
import { readWebgpu } from '../backends/webgpu/package.ts';
import { backendNames, type BackendName } from '../kernels/backend-description.ts';
import { saveChoice } from './save-choice.ts';

export interface Choice {
  backend: BackendName;
  /** Images per second of each candidate in a short training; empty if there was only one candidate. */
  imagesPerSecond: Partial<Record<BackendName, number>>;
}

export const measureSchema = z.strictObject({
  backend: z.enum(backendNames),
  cacheDir: z.string(),
  threads: z.int().min(1).max(1024).optional(),
  gpu: z.boolean().optional(),
});

const rememberedSchema = z.object({
  key: z.string(),
  backend: z.enum(backendNames),
  imagesPerSecond: z.partialRecord(z.enum(backendNames), z.number()),
});

interface ChooseBackendOptions {
  cacheDir: string;
  threads?: number;
  /** Called before each backend is measured; not if the choice is in the cache. */
  onMeasure?: (backend: BackendName, candidates: readonly BackendName[]) => void;
}

/**
 * Chooses the fastest backend of this machine for jobs with the backend `auto`. Measures a short training on each one
 * and caches the choice until a backend, the processor or the number of threads changes. If the cache cannot be
 * written, it measures each time. WebGPU is a candidate only on a GPU.
 */
export async function chooseBackend({ cacheDir, threads, onMeasure }: ChooseBackendOptions): Promise<Choice> {
  const [tensorflow, webgpu] = [readInstallation(cacheDir), readWebgpu(cacheDir)];
  if (!tensorflow && !webgpu) return { backend: 'wasm', imagesPerSecond: {} };
  const key = JSON.stringify([tensorflow, webgpu, kernelVersion, cpus()[0]?.model, threads ?? availableParallelism()]);
  const file = join(cacheDir, 'backends', 'choice.json');
  const known = readChoice(file);
  if (known?.key === key) return { backend: known.backend, imagesPerSecond: known.imagesPerSecond };
  const choice = await measureBackend(
    ['wasm', ...(tensorflow ? ['tensorflow' as const] : []), ...(webgpu ? ['webgpu' as const] : [])],
    { cacheDir, threads, onMeasure },
  );
  saveChoice(file, { key, ...choice });
  return choice;
}

/** Measures one backend after another, so that they do not share the processor. A backend that fails is not chosen. */
async function measureBackend(
  candidates: readonly BackendName[],
  { onMeasure, ...options }: ChooseBackendOptions,
): Promise<Choice> {
  const imagesPerSecond: Choice['imagesPerSecond'] = {};
  for (const backend of candidates) {
    onMeasure?.(backend, candidates);
    const rate = await measureRate({ backend, ...options, gpu: backend === 'webgpu' });
    if (rate !== undefined) imagesPerSecond[backend] = rate;
  }
  const [fastest] = candidates.toSorted((a, b) => (imagesPerSecond[b] ?? 0) - (imagesPerSecond[a] ?? 0));
  return { backend: fastest!, imagesPerSecond };
}

async function measureRate(options: z.input<typeof measureSchema>): Promise<number | undefined> {
  const program = fileURLToPath(new URL('./measure-child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  const rate = Number(output.trim().split('\n').at(-1));
  return code === 0 && rate > 0 ? rate : undefined;
}

function readChoice(file: string): z.output<typeof rememberedSchema> | undefined {
  try {
    return rememberedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // The file is missing or of another version, so the backends are measured again.
    return undefined;
  }
}
