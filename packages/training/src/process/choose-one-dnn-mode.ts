import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { backendFolder } from '../backends/installation.ts';
import { readInstallation, type Installation } from '../backends/tensorflow/addon.ts';
import {
  DEFAULT_MODE,
  describeMode,
  FALLBACK_MODES,
  getModeLabel,
  readUserMode,
  type OneDnnMode,
} from '../backends/tensorflow/one-dnn.ts';
import { BackendUnavailable } from '../backends/unavailable.ts';
import { oneDnnModeSchema } from './messages.ts';
import { createProbe, type Probe, type ProbedJob } from './probe-one-dnn.ts';
import { saveChoice } from './save-choice.ts';

/** What probes have found on a machine. */
const choiceSchema = z.object({
  mode: oneDnnModeSchema,
  /** Trains a network of a job that crashed in `mode`. */
  fallback: oneDnnModeSchema.optional(),
});
type Choice = z.infer<typeof choiceSchema>;

/** Which mode trains a network of a job that crashed in the mode of its trainer. */
export type FallbackAnswer =
  | { readonly kind: 'fallback'; readonly mode: OneDnnMode }
  /** The network trains in the mode in which it crashed. */
  | { readonly kind: 'works' }
  /** `tried` describes the probed modes and the outcome of each; empty if there is nothing to try. */
  | { readonly kind: 'none'; readonly tried: readonly string[] };

/**
 * Chooses how the installed TensorFlow uses oneDNN on this machine, by training networks with every kind of layer in a
 * child process. The choice is kept in the cache. Returns undefined if TensorFlow is not installed or computes on a
 * GPU.
 *
 * @throws BackendUnavailable if every mode ends the child, and the reason of `signal` if it aborts
 */
export async function chooseOneDnnMode(cacheDir: string, signal?: AbortSignal): Promise<OneDnnMode | undefined> {
  const found = findMachine(cacheDir);
  if (!found) return undefined;
  const { file, user, ...installed } = found;
  const known = readChoice(file);
  if (known) return known.mode;
  const probe = createProbe(installed);
  const mode = await chooseMode(user, (each) => probe(each, signal));
  keepChoice(file, { mode });
  return mode;
}

/** Returns the fallback that an earlier crash on this machine has led to. */
export function readFallbackMode(cacheDir: string): OneDnnMode | undefined {
  const found = findMachine(cacheDir);
  return found && readChoice(found.file)?.fallback;
}

/**
 * Looks for a mode that trains a network which crashed in the machine's mode: probes one step of it in that mode, and
 * if it crashes again, in the fallbacks. The fallback found first is kept in the cache, and is the only one
 * afterwards.
 *
 * @throws the reason of `signal` if it aborts; then nothing is kept
 */
export async function findFallbackMode(job: ProbedJob, signal?: AbortSignal): Promise<FallbackAnswer> {
  const found = findMachine(job.cacheDir);
  const mode = await chooseOneDnnMode(job.cacheDir, signal);
  if (!found || !mode || found.user) return { kind: 'none', tried: [] };
  const { file, user: _, ...installed } = found;
  const choice: Choice = readChoice(file) ?? { mode };
  const others = choice.fallback ? [choice.fallback] : FALLBACK_MODES;
  const probe = createProbe({ ...installed, job });
  const answer = await probeModes(choice.mode, others, (each) => probe(each, signal));
  if (answer.mode === choice.mode) return { kind: 'works' };
  if (!answer.mode) return { kind: 'none', tried: answer.failures };
  keepChoice(file, { ...choice, fallback: answer.mode });
  return { kind: 'fallback', mode: answer.mode };
}

/**
 * Chooses the default mode if it survives the probe, otherwise the fastest fallback that does. A mode that the user has
 * set is the only candidate.
 */
export async function chooseMode(user: OneDnnMode | undefined, probe: Probe): Promise<OneDnnMode> {
  const { mode, failures } = await probeModes(user ?? DEFAULT_MODE, user ? [] : FALLBACK_MODES, probe);
  if (mode) return mode;
  const remedy = user
    ? 'Unset TF_ENABLE_ONEDNN_OPTS and ONEDNN_MAX_CPU_ISA, and a mode that works is looked for'
    : 'Set TF_ENABLE_ONEDNN_OPTS or ONEDNN_MAX_CPU_ISA to values that work here';
  throw new BackendUnavailable(
    'crashes',
    `TensorFlow does not train on this processor. Tried: ${failures.join('; ')}. ${remedy}, or use the backend wasm.`,
  );
}

/** Returns `first` if it survives the probe, otherwise the fastest of the others that does. */
async function probeModes(
  first: OneDnnMode,
  others: readonly OneDnnMode[],
  probe: Probe,
): Promise<{ mode?: OneDnnMode; failures: readonly string[] }> {
  const failures: string[] = [];
  const attempt = async (mode: OneDnnMode): Promise<number | undefined> => {
    const result = await probe(mode);
    if (result.ok) return result.milliseconds;
    failures.push(`${describeMode(mode)}: ${result.reason}`);
    return undefined;
  };
  if ((await attempt(first)) !== undefined) return { mode: first, failures };
  const survivors: { mode: OneDnnMode; milliseconds: number }[] = [];
  for (const mode of others) {
    if (getModeLabel(mode) === getModeLabel(first)) continue;
    const milliseconds = await attempt(mode);
    if (milliseconds !== undefined) survivors.push({ mode, milliseconds });
  }
  const [fastest] = survivors.sort((a, b) => a.milliseconds - b.milliseconds);
  return { mode: fastest?.mode, failures };
}

/** Returns what the choice on this machine depends on; undefined if TensorFlow is not installed or uses a GPU. */
function findMachine(cacheDir: string) {
  const installation = readInstallation(cacheDir);
  if (installation?.addon !== '@tensorflow/tfjs-node') return undefined;
  // oxlint-disable-next-line node/no-process-env -- TensorFlow's own variables
  const user = readUserMode(process.env);
  const file = join(cacheDir, 'backends', `onednn-${hashMachine(installation, user)}.json`);
  return { file, user, addon: installation.addon, folder: backendFolder(cacheDir, 'tensorflow') };
}

/** The cache may be shared by machines, so the file is named by what the choice depends on. */
function hashMachine(installation: Installation, user: OneDnnMode | undefined): string {
  const reportsCaches = existsSync('/sys/devices/system/cpu/cpu0/cache/index0');
  // oxlint-disable-next-line node/no-process-env -- set by tests
  const killed = process.env['GRADSMITH_TEST_KILL_ONEDNN'];
  const parts = [installation, user ?? null, cpus()[0]?.model, reportsCaches, killed];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function readChoice(file: string): Choice | undefined {
  try {
    return choiceSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Missing or unreadable: the modes are probed again.
    return undefined;
  }
}

function keepChoice(file: string, choice: Choice): void {
  saveChoice(file, { ...choice, probedAt: new Date().toISOString() });
}
