import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { JobInput } from '@gradsmith/core/spec';
import { onTestFinished } from 'vitest';

export const root = new URL('../../..', import.meta.url).pathname;
export const main = join(root, 'apps/cli/src/main.ts');

export interface ExitedProcess {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Start {
  cwd?: string;
  env?: Record<string, string> | undefined;
}

/** Creates a folder that is removed after the test; with `keep`, the caller removes it. */
export function folder(keep = false): string {
  const path = mkdtempSync(join(tmpdir(), 'gradsmith-cli-'));
  if (!keep) onTestFinished(() => remove(path));
  return path;
}

export function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

/** The machine's places, and what npm needs to reach its registry: proxies, certificates, settings. */
const KEPT =
  /^(PATH|HOME|TMPDIR|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|(https?|no)_proxy|npm_config_.*)$/i;

/** Returns an environment without the other settings of the machine. */
export function cleanEnv(more: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => KEPT.test(entry[0]) && entry[1] !== undefined,
  );
  return { ...Object.fromEntries(kept), ...more };
}

/** Starts the command in its own process, with pipes. */
export function start(
  args: readonly string[],
  { cwd = root, env = {} }: Start = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [main, ...args], { cwd, env: cleanEnv(env), stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs the command to its end. */
export async function gradsmith(args: readonly string[], options: Start = {}): Promise<ExitedProcess> {
  return waitForExit(start(args, options));
}

/**
 * Leaves out the lines that a run shows while its trainers take long to start, as on a busy machine, and while the
 * first one on a machine measures its backends.
 */
export function omitWait(stderr: string): string {
  return stderr.replace(/^(?:starting the trainers|backend auto: measuring .*)\n/gm, '');
}

/** Collects what it prints until its end. */
export async function waitForExit(child: ChildProcessByStdio<null, Readable, Readable>): Promise<ExitedProcess> {
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout: stdout(), stderr: stderr() };
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** Returns a job with few short trials on made-up data. A trial takes about `epochs` × 2 ms. */
export function gaussians({
  name = 'two-gaussians',
  trials = 3,
  epochs = 2,
  confirm = { top: 1, seeds: 1 },
}: { name?: string; trials?: number; epochs?: number; confirm?: JobInput['confirm'] } = {}): string {
  return JSON.stringify({
    name,
    objective: {
      kind: 'training',
      dataset: { name: 'two-gaussians', train: 200, validation: 50 },
      network: { name: 'mlp' },
      optimizer: { name: 'adam', learningRate: 0.1 },
      epochs,
      batchSize: 200,
      backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
      seed: 1,
    },
    search: { algorithm: 'gp', trials, initial: 2, maxParallelism: 2, seed: 7 },
    confirm,
  });
}

/** Writes a job file into the folder and returns its path. */
export function jobFile(where: string, job: string = gaussians(), name = 'job.json'): string {
  const path = join(where, name);
  writeFileSync(path, job);
  return path;
}
