import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import { TrainerFailed } from '@gradsmith/core/ports';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ProcessTrainer, type ProcessTrainerOptions } from '../../src/process/index.ts';
import { temporaryFolder } from '../data/files.ts';
import { objective } from '../process/objective.ts';

// Starting a process takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

function makeTrainer(options: Partial<ProcessTrainerOptions> = {}): ProcessTrainer {
  const trainer = new ProcessTrainer({
    backend: 'cpu',
    cacheDir: temporaryFolder(),
    entry: path('../process/behaviors.ts'),
    ...options,
  });
  onTestFinished(() => trainer.close());
  return trainer;
}

interface Try {
  signal?: AbortSignal;
  timeoutMs?: number;
  onProgress?: (progress: { step: number; partialSum: number }) => void;
}

function train(trainer: ProcessTrainer, key: string, { signal, timeoutMs = 60_000, onProgress = () => {} }: Try = {}) {
  const request = { key, objective: trainingObjectiveSchema.parse(objective), timeoutMs };
  return trainer.train(request, { signal: signal ?? new AbortController().signal, onProgress });
}

async function readFailure(training: Promise<unknown>): Promise<string> {
  const error = await training.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof TrainerFailed)) throw new Error(`expected TrainerFailed, got ${String(error)}`);
  return `${error.failure}: ${error.message}`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function waitUntilGone(pid: number, withinMs: number): Promise<boolean> {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(20)) {
    if (!isAlive(pid)) return true;
  }
  return false;
}

it('forwards progress and the result, and reuses its process', async () => {
  const trainer = makeTrainer();
  expect(await trainer.start()).toEqual({ runtime: 'test runtime', device: 'cpu' });
  // Without /proc, memory is not measured.
  if (process.platform === 'linux') expect(await trainer.measureMemory()).toBeGreaterThan(10 * 2 ** 20);
  const progress: object[] = [];
  const first = await train(trainer, 'finish', { onProgress: (each) => progress.push(each) });
  expect(progress).toEqual([{ step: 3, partialSum: 0.5 }]);
  const second = await train(trainer, 'finish');
  expect(second).toEqual(first);
  expect(first.provenance.pid).toBe(trainer.pid);
});

it('keeps no memory of a finished training', async () => {
  const trainer = makeTrainer();
  const result = new WeakRef(await train(trainer, 'finish'));
  // The latest training may stay in memory until the next one.
  await train(trainer, 'finish');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await vi.waitFor(() => {
    collect();
    expect(result.deref()).toBeUndefined();
  });
});

it('keeps its process after an error, and distinguishes a refusal from a failure', async () => {
  const trainer = makeTrainer();
  expect(await readFailure(train(trainer, 'throw'))).toBe('crashed: a kernel failed');
  const { pid } = trainer;
  expect(await readFailure(train(trainer, 'refuse'))).toContain('refused: the objective is not valid');
  expect(trainer.pid).toBe(pid);
});

it('fails a training whose result is invalid, and keeps running', async () => {
  const trainer = makeTrainer();
  expect(await readFailure(train(trainer, 'nonsense'))).toMatch(
    /^refused: The trainer process said what it must not: .*result\.value/,
  );
  expect((await train(trainer, 'finish')).provenance.pid).toBe(trainer.pid);
});

it('replaces a process that crashed', async () => {
  const trainer = makeTrainer();
  expect(await readFailure(train(trainer, 'crash'))).toContain('crashed: The trainer process was killed by SIGABRT');
  expect((await train(trainer, 'finish')).outcome).toBe('complete');
});

it('stops looking for another runtime after a crash when the training is cancelled', async () => {
  const controller = new AbortController();
  const signals: AbortSignal[] = [];
  const trainer = makeTrainer({
    findFallback: async (_, signal) => {
      signals.push(signal);
      controller.abort();
      return new Promise(() => {});
    },
  });
  expect(await readFailure(train(trainer, 'crash', { signal: controller.signal }))).toMatch(
    /^cancelled: The trainer process .*SIGABRT[^]*\nThe training was cancelled\.$/,
  );
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect((await train(trainer, 'finish')).value).toBe(1);
});

it('replaces a process that was killed, busy or idle', async () => {
  const trainer = makeTrainer();
  const training = train(trainer, 'spin', { onProgress: () => process.kill(trainer.pid!, 'SIGKILL') });
  expect(await readFailure(training)).toBe('crashed: The trainer process was killed by SIGKILL');
  const next = await train(trainer, 'finish');
  const pid = trainer.pid!;
  expect(next.provenance.pid).toBe(pid);
  process.kill(pid, 'SIGKILL');
  await waitUntilGone(pid, 2000);
  await sleep(50);
  expect((await train(trainer, 'finish')).provenance.pid).not.toBe(pid);
});

it('cancels a training that never yields', async () => {
  const trainer = makeTrainer();
  const controller = new AbortController();
  let cancelled = 0;
  const failure = await readFailure(
    train(trainer, 'spin', {
      signal: controller.signal,
      onProgress: () => {
        cancelled = performance.now();
        controller.abort();
      },
    }),
  );
  expect(failure).toContain('cancelled');
  expect(performance.now() - cancelled).toBeLessThan(2000);
  expect((await train(trainer, 'finish')).outcome).toBe('complete');
});

it('does not start a training whose signal is aborted already', async () => {
  expect(await readFailure(train(makeTrainer(), 'spin', { signal: AbortSignal.abort() }))).toContain('cancelled');
});

it('stops a training that takes too long or sends no message', async () => {
  const trainer = makeTrainer({ silenceMs: 400 });
  await trainer.start();
  expect(await readFailure(train(trainer, 'spin', { timeoutMs: 150 }))).toBe(
    'timeout: The training took longer than 0.15 s.',
  );
  await trainer.start();
  expect(await readFailure(train(trainer, 'spin'))).toBe('hung: The trainer process said nothing for 0.4 s.');
});

it('stops a training that uses too much memory', async () => {
  const trainer = makeTrainer({ memoryLimit: 300 * 2 ** 20 });
  expect(await readFailure(train(trainer, 'hog'))).toMatch(/memory: .* used \d+ MiB of memory, allowed are 300 MiB/);
  expect((await train(trainer, 'finish')).outcome).toBe('complete');
});

it('says why a process does not start', async () => {
  const trainer = makeTrainer({ cacheDir: join(temporaryFolder(), 'no backend') });
  await expect(trainer.start()).rejects.toThrow(/did not start: no such device$/);
  expect(await readFailure(train(trainer, 'finish'))).toContain('no such device');
});

it('caches compiled code for the next process, and works without the cache', async () => {
  const cacheDir = temporaryFolder();
  const trainer = makeTrainer({ cacheDir });
  await trainer.start();
  await train(trainer, 'finish');
  expect(readdirSync(join(cacheDir, 'compiled'), { recursive: true }).length).toBeGreaterThan(10);
  const nowhere = makeTrainer({ cacheDir: '/dev/null/cache' });
  expect((await train(nowhere, 'finish')).outcome).toBe('complete');
  expect(existsSync('/dev/null/cache')).toBe(false);
});

it('runs in parallel with another trainer, and refuses a second training', async () => {
  const [first, second] = [makeTrainer(), makeTrainer()];
  const controller = new AbortController();
  const spinning = train(first, 'spin', { signal: controller.signal });
  await expect(train(first, 'finish')).rejects.toThrow('busy');
  expect((await train(second, 'finish')).outcome).toBe('complete');
  controller.abort();
  expect(await readFailure(spinning)).toContain('cancelled');
});

it('leaves no process behind when it is closed', async () => {
  const trainer = makeTrainer();
  await trainer.start();
  const pid = trainer.pid!;
  await trainer.close();
  expect(isAlive(pid)).toBe(false);
});

it('ignores signals of a terminal', async () => {
  const trainer = makeTrainer();
  await trainer.start();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(trainer.pid!, signal);
  expect((await train(trainer, 'finish')).outcome).toBe('complete');
});

it('leaves no process behind when the parent is killed in the middle of a training', async () => {
  const parent = spawn(process.execPath, [path('../process/parent.ts'), temporaryFolder()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const text = await new Promise<string>((resolve) => parent.stdout.setEncoding('utf8').once('data', resolve));
  const pid = Number(text);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  expect(await waitUntilGone(pid, 10_000)).toBe(true);
});
