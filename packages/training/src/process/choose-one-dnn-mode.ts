import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { backendFolder } from '../backends/installation.ts';
import { readInstallation, type Installation } from '../backends/tensorflow/addon.ts';
import {
  DEFAULT_MODE,
  describeMode,
  FALLBACK_MODES,
  readUserMode,
  toEnvironment,
  type OneDnnMode,
} from '../backends/tensorflow/one-dnn.ts';
import { BackendUnavailable } from '../backends/unavailable.ts';
import { makeFolder } from '../make-folder.ts';

/** The result of probing one mode. */
export type ProbeResult =
  | { readonly ok: true; readonly milliseconds: number }
  | { readonly ok: false; readonly reason: string };

export type Probe = (mode: OneDnnMode) => Promise<ProbeResult>;

/** Configuration of a probe process. */
export const probeSchema = z.strictObject({
  folder: z.string(),
  addon: z.enum(['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']),
  options: z.string(),
  isa: z.string().optional(),
});

const chosenSchema = z.object({ mode: z.object({ options: z.string(), isa: z.string().optional() }) });

/**
 * Chooses how the installed TensorFlow uses oneDNN on this machine, by training networks with every kind of layer in a
 * child process. The choice is kept in the cache. Returns undefined if TensorFlow is not installed or computes on a
 * GPU.
 *
 * @throws BackendUnavailable if every mode ends the child
 */
export async function chooseOneDnnMode(cacheDir: string): Promise<OneDnnMode | undefined> {
  const installation = readInstallation(cacheDir);
  if (installation?.addon !== '@tensorflow/tfjs-node') return undefined;
  // oxlint-disable-next-line node/no-process-env -- TensorFlow's own variables
  const user = readUserMode(process.env);
  const file = join(cacheDir, 'backends', `onednn-${hashMachine(installation, user)}.json`);
  const known = readChoice(file);
  if (known) return known;
  const mode = await chooseMode(user, createProbe(backendFolder(cacheDir, 'tensorflow'), installation.addon));
  writeChoice(file, mode);
  return mode;
}

/**
 * Chooses the default mode if it survives the probe, otherwise the fastest fallback that does. A mode that the user has
 * set is the only candidate.
 */
export async function chooseMode(user: OneDnnMode | undefined, probe: Probe): Promise<OneDnnMode> {
  const first = user ?? DEFAULT_MODE;
  const failures: string[] = [];
  const attempt = async (mode: OneDnnMode): Promise<number | undefined> => {
    const result = await probe(mode);
    if (result.ok) return result.milliseconds;
    failures.push(`${describeMode(mode)}: ${result.reason}`);
    return undefined;
  };
  if ((await attempt(first)) !== undefined) return first;
  const survivors: { mode: OneDnnMode; milliseconds: number }[] = [];
  for (const mode of user ? [] : FALLBACK_MODES) {
    const milliseconds = await attempt(mode);
    if (milliseconds !== undefined) survivors.push({ mode, milliseconds });
  }
  const [fastest] = survivors.sort((a, b) => a.milliseconds - b.milliseconds);
  if (fastest) return fastest.mode;
  const remedy = user
    ? 'Unset TF_ENABLE_ONEDNN_OPTS and ONEDNN_MAX_CPU_ISA, and a mode that works is looked for'
    : 'Set TF_ENABLE_ONEDNN_OPTS or ONEDNN_MAX_CPU_ISA to values that work here';
  throw new BackendUnavailable(
    'crashes',
    `TensorFlow does not train on this processor. Tried: ${failures.join('; ')}. ${remedy}, or use the backend wasm.`,
  );
}

/** Returns a probe of the TensorFlow in `folder`: each call trains in its own process. */
export function createProbe(folder: string, addon: Installation['addon']): Probe {
  const program = fileURLToPath(new URL('./probe-child.ts', import.meta.url));
  return async (mode) => {
    const child = spawn(process.execPath, [program, JSON.stringify({ folder, addon, ...mode })], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // oxlint-disable-next-line node/no-process-env -- handed on, never read
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', ...toEnvironment(mode) },
    });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-500)));
    const end = await new Promise<string>((resolve) => {
      child.once('error', ({ message }) => resolve(message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const milliseconds = Number(output.trim().split('\n').at(-1));
    if (end === 'exit code 0' && milliseconds > 0) return { ok: true, milliseconds };
    return { ok: false, reason: [end, errors.trim().split('\n').at(-1)].filter(Boolean).join(', ') };
  };
}

/** The cache may be shared by machines, so the file is named by what the choice depends on. */
function hashMachine(installation: Installation, user: OneDnnMode | undefined): string {
  const reportsCaches = existsSync('/sys/devices/system/cpu/cpu0/cache/index0');
  // oxlint-disable-next-line node/no-process-env -- set by tests
  const isKilled = process.env['GRADSMITH_TEST_KILL_ONEDNN'] !== undefined;
  const parts = [installation, user ?? null, cpus()[0]?.model, reportsCaches, isKilled];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function readChoice(file: string): OneDnnMode | undefined {
  try {
    return chosenSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).mode;
  } catch {
    // Missing or unreadable: the modes are probed again.
    return undefined;
  }
}

/** Saves the choice. If the cache is not writable, the next start probes again. */
function writeChoice(file: string, mode: OneDnnMode): void {
  const temporary = `${file}.${process.pid}`;
  try {
    makeFolder(join(file, '..'));
    writeFileSync(temporary, JSON.stringify({ mode, probedAt: new Date().toISOString() }, null, 2));
    renameSync(temporary, file);
  } catch {
    // The next start probes again.
  }
}
