import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCurve, type TrialResult } from '@gradsmith/core/domain';
import {
  computeLossCap,
  computePartialAulc,
  trainingObjectiveSchema,
  type TrainingObjectiveInput,
} from '@gradsmith/core/objective';
import { TrainerFailed } from '@gradsmith/core/ports';
import { expect, it, onTestFinished, vi } from 'vitest';
import { importDataSet } from '../../src/data/index.ts';
import { CheckpointFolder } from '../../src/process/checkpoints.ts';
import { ProcessTrainer, type ProcessTrainerOptions } from '../../src/process/index.ts';
import { idx, ramp, temporaryFolder } from '../data/files.ts';
import { objective } from '../process/objective.ts';

// Starting a process takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

function makeTrainer(options: Partial<ProcessTrainerOptions> = {}): ProcessTrainer {
  const trainer = new ProcessTrainer({ backend: 'wasm', cacheDir: temporaryFolder(), ...options });
  onTestFinished(() => trainer.close());
  return trainer;
}

function train(
  trainer: ProcessTrainer,
  changes: Partial<TrainingObjectiveInput> = {},
  onProgress: (progress: { step: number }) => void = () => {},
  signal = new AbortController().signal,
): Promise<TrialResult> {
  const request = {
    key: 'test',
    objective: trainingObjectiveSchema.parse({ ...objective, ...changes }),
    timeoutMs: 60_000,
  };
  return trainer.train(request, { signal, onProgress });
}

const long: Partial<TrainingObjectiveInput> = { epochs: 1000, network: { name: 'mlp', hidden: [64, 64] } };

it('trains bit for bit the same in another process and in parallel with another one', async () => {
  const [first, second] = [makeTrainer(), makeTrainer()];
  const [a, b] = await Promise.all([train(first), train(second)]);
  expect(decodeCurve(a.curve)).toHaveLength(20);
  expect(b.curve).toBe(a.curve);
  expect(a.provenance).toMatchObject({ backend: (await first.start()).runtime, seed: 0, deterministic: true });
  expect((await train(first)).curve).toBe(a.curve);
  expect((await train(first, { seed: 1 })).curve).not.toBe(a.curve);
});

it('continues in a new process after the old one was killed or cancelled', async () => {
  const trainer = makeTrainer();
  const killed = train(trainer, long, () => process.kill(trainer.pid!, 'SIGKILL'));
  await expect(killed).rejects.toThrow(TrainerFailed);
  const controller = new AbortController();
  const cancelled = train(trainer, long, () => controller.abort(), controller.signal);
  await expect(cancelled).rejects.toMatchObject({ failure: 'cancelled' });
  expect((await train(trainer)).outcome).toBe('complete');
});

it('prunes a training with a bound from its curve, and completes the next one', async () => {
  const trainer = makeTrainer();
  const prune = new AbortController();
  const request = {
    key: 'test',
    objective: trainingObjectiveSchema.parse({ ...objective, ...long }),
    timeoutMs: 60_000,
    rungs: [3, 11],
  };
  const steps: number[] = [];
  const pruned = await trainer.train(request, {
    signal: new AbortController().signal,
    prune: prune.signal,
    onProgress: ({ step }) => {
      steps.push(step);
      if (step === 11) prune.abort();
    },
  });
  // Reports arrive exactly at the rungs, although losses are read several steps at a time.
  expect(steps).toEqual(expect.arrayContaining([3, 11]));
  const losses = decodeCurve(pruned.curve);
  expect(losses.length).toBeLessThan(20 * 500);
  expect(pruned).toMatchObject({ outcome: 'pruned', metrics: { steps: losses.length } });
  expect(pruned.value).toBeCloseTo(computePartialAulc(losses, 20 * 500, computeLossCap(2)), 5);
  const whole = await train(trainer);
  expect(whole.outcome).toBe('complete');
});

it('refuses what it cannot train, with what to do', async () => {
  const trainer = makeTrainer();
  await expect(train(trainer, { backend: 'cpu' })).rejects.toMatchObject({
    failure: 'refused',
    message: expect.stringContaining('asks for cpu, but this trainer runs on wasm'),
  });
  await expect(train(trainer, { dataset: { name: 'mnist' }, network: { name: 'mlp' } })).rejects.toMatchObject({
    failure: 'no-data',
    message: expect.stringContaining('gradsmith data mnist'),
  });
});

it('has constant memory over hundreds of trainings', async () => {
  const trainer = makeTrainer();
  const short = { epochs: 1, dataset: { name: 'two-gaussians' as const, train: 40, validation: 20 } };
  const resident = async (trainings: number) => {
    for (let i = 0; i < trainings; i++) await train(trainer, { ...short, seed: i });
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(trainer.pid)])) / 1024;
  };
  const early = await resident(60);
  expect(early).toBeGreaterThan(0);
  const late = await resident(200);
  expect(late - early).toBeLessThan(24);
});

it.each([
  ['one seed', {}],
  ['several seeds', { seedsPerTrial: 2, network: { name: 'mlp', hidden: [16] } }],
] as const)(
  'continues from its last checkpoint after a kill, with the curve of an uninterrupted run: %s',
  async (_, of) => {
    const folder = join(temporaryFolder(), 'checkpoints');
    const trainer = makeTrainer({ checkpoints: { folder, everyMs: 0 } });
    const epochs = { ...long, epochs: 60, ...of } as Partial<TrainingObjectiveInput>;
    const undisturbed = await train(makeTrainer(), epochs);
    let killedAt = 0;
    await expect(
      train(trainer, epochs, ({ step }) => {
        if (step < 100) return;
        killedAt = step;
        process.kill(trainer.pid!, 'SIGKILL');
      }),
    ).rejects.toThrow(TrainerFailed);
    expect(readdirSync(folder).filter((name) => name.endsWith('.checkpoint'))).toHaveLength(1);
    const steps: number[] = [];
    const resumed = await train(trainer, epochs, ({ step }) => steps.push(step));
    expect(steps[0]).toBeGreaterThanOrEqual(killedAt - 20);
    expect(resumed.curve).toBe(undisturbed.curve);
    expect(resumed.value).toBe(undisturbed.value);
    expect(readdirSync(folder).filter((name) => name.endsWith('.checkpoint'))).toEqual([]);
  },
);

it("reads a user's replaced data set again, and continues no training on the old one", async () => {
  const [cacheDir, folder] = [temporaryFolder(), temporaryFolder()];
  const files = (labels: Uint8Array) => {
    for (const part of ['train', 't10k']) {
      writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idx([40, 4, 4], ramp(40, 16, 2).inputs));
      writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([40], labels));
    }
  };
  const put = (labels: Uint8Array) => (files(labels), importDataSet('mine', { cacheDir, folder }));
  const { labels } = ramp(40, 16, 2);
  const own: Partial<TrainingObjectiveInput> = {
    dataset: { name: 'own', set: 'mine', shape: [4, 4, 1], classes: 2, train: 40, validation: 0 },
    epochs: 300,
  };
  const trainer = makeTrainer({ cacheDir, checkpoints: { folder: join(cacheDir, 'checkpoints'), everyMs: 0 } });

  await put(labels);
  const before = await train(trainer, own);
  const controller = new AbortController();
  await expect(
    train(trainer, own, ({ step }) => void (step > 100 && controller.abort()), controller.signal),
  ).rejects.toMatchObject({ failure: 'cancelled' });
  const { sha256 } = await put(labels.map((label) => 1 - label));
  const steps: number[] = [];
  const after = await train(trainer, own, ({ step }) => steps.push(step));
  expect(steps[0]).toBeLessThan(100);
  expect(after.provenance['dataset']).toBe(sha256);
  expect(after.provenance['dataset']).not.toBe(before.provenance['dataset']);
  expect(after.curve).not.toBe(before.curve);
});

it('creates the folder of checkpoints, and ignores a truncated file', async () => {
  const folder = join(temporaryFolder(), 'a', 'b');
  mkdirSync(folder, { recursive: true });
  const warn = vi.fn<(message: string) => void>();
  const file = new CheckpointFolder({ folder, everyMs: 0, warn }).of('key');
  expect(file.load()).toBeUndefined();
  const state = { step: 1, losses: [2], optimizer: [Float32Array.of(1, 2)], layers: [[], [Float32Array.of(3)]] };
  await file.save(async () => state);
  expect(file.load()).toEqual(state);
  const [name] = readdirSync(folder);
  truncateSync(join(folder, name!), 40);
  expect(file.load()).toBeUndefined();
  expect(new CheckpointFolder({ folder, everyMs: 0, warn }).of('other key').load()).toBeUndefined();
  file.remove();
  expect(existsSync(folder) && readdirSync(folder)).toEqual([]);
  expect(warn).not.toHaveBeenCalled();
});

it('does not continue from a checkpoint whose numbers were damaged on the disk', async () => {
  const folder = temporaryFolder();
  const file = new CheckpointFolder({ folder, everyMs: 0, warn: vi.fn() }).of('key');
  const state = { step: 1, losses: [2], optimizer: [Float32Array.of(1, 2)], layers: [[Float32Array.of(3)]] };
  await file.save(async () => state);
  const path = join(folder, readdirSync(folder)[0]!);
  const intact = readFileSync(path);
  // The last number of the state, before the digest.
  for (const at of [intact.length - 33, intact.length - 40]) {
    const damaged = Buffer.from(intact);
    damaged[at]! ^= 1;
    writeFileSync(path, damaged);
    expect(file.load()).toBeUndefined();
  }
  writeFileSync(path, intact);
  expect(file.load()).toEqual(state);
});

it('continues without a checkpoint if the disk refuses it, leaves no file and warns once', async () => {
  const folder = temporaryFolder();
  const warn = vi.fn<(message: string) => void>();
  const file = new CheckpointFolder({ folder, everyMs: 0, warn }).of('key');
  const read = async () => ({ step: 1, losses: [2], optimizer: [], layers: [] });
  await file.save(read);
  const [name] = readdirSync(folder);
  file.remove();
  // A folder in place of the file makes reading, replacing and removing it fail.
  mkdirSync(join(folder, name!));
  expect(file.load()).toBeUndefined();
  await file.save(read);
  await file.save(read);
  file.remove();
  expect(readdirSync(folder)).toEqual([name]);
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/cannot be saved in .*EISDIR/)]]);
  // An error while reading the state itself belongs to the training, so it ends the training.
  await expect(file.save(() => Promise.reject(new Error('device lost')))).rejects.toThrow('device lost');
});

it('trains if no checkpoint can be saved, and warns the operator', async () => {
  const folder = join(temporaryFolder(), 'a file');
  writeFileSync(folder, '');
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const trainer = makeTrainer({ checkpoints: { folder, everyMs: 0 }, log });
  const { curve } = await train(trainer);
  expect((await train(makeTrainer())).curve).toBe(curve);
  expect((await train(trainer)).curve).toBe(curve);
  expect(log.warn.mock.calls).toEqual([
    [{ pid: trainer.pid }, expect.stringContaining(`cannot be saved in ${folder}`)],
  ]);
});
