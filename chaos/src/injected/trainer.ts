// The trainer process of a chaos run: waits, saves its state as a real one does, and returns the value of a known
// objective. Sometimes it fails as a real one does: by a crash, a hang, or unbounded memory.
import { setTimeout as delay } from 'node:timers/promises';
import { InvalidInput, type TrialResult } from '@gradsmith/core/domain';
import { checkpointKey } from '../../../packages/training/src/engine/index.ts';
import { CheckpointFolder } from '../../../packages/training/src/process/checkpoints.ts';
import { serve } from '../../../packages/training/src/process/serve.ts';
import { Random } from '../random.ts';
import { KnownTraining } from './known-training.ts';

/** Frequencies among a hundred trainings. */
const fates = { finish: 95.5, slow: 1.5, abort: 0.7, segfault: 0.4, hang: 0.5, hog: 0.3, fault: 0.9, refuse: 0.2 };
/** A test can set the fate of each trial by its id, alone or behind its job's, and the duration of a training. */
const scripted = JSON.parse(process.env.CHAOS_FATES ?? 'null') as Record<string, keyof typeof fates> | null;
const fixedMs = Number(process.env.CHAOS_TRAINING_MS ?? 'NaN');
const random = new Random(Number(process.env.CHAOS_SEED) + process.pid, 'trainer');

const ends: Record<Exclude<keyof typeof fates, 'finish' | 'slow'>, () => void> = {
  abort: () => process.abort(),
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  hang: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  hog: () => {
    const kept: Uint8Array[] = [];
    for (;;) kept.push(new Uint8Array(2 ** 25).fill(1));
  },
  fault: () => {
    throw new Error('a kernel failed');
  },
  refuse: () => {
    throw new InvalidInput([{ path: ['dataset'], message: 'is not here' }], 'the objective');
  },
};

await serve(async ({ checkpoints: options }, warn) => {
  const checkpoints = options && new CheckpointFolder({ ...options, everyMs: 0, warn });
  return {
    runtime: 'known-objective',
    device: 'cpu',
    async run({ key, objective }, report): Promise<TrialResult> {
      const fate = scripted ? (scripted[key] ?? scripted[key.split('/').at(-1)!] ?? 'finish') : random.weighted(fates);
      const ms = fixedMs || (fate === 'slow' ? random.between(1_500, 4_000) : random.between(10, 120));
      const checkpoint = checkpoints?.of(checkpointKey(objective, 'no data', 'known-objective'));
      const training = new KnownTraining(objective, checkpoint?.load());
      const continuedAt = training.step;
      while (!training.isFinished) {
        await delay(ms / 4);
        training.advance();
        report({ step: training.step, partialSum: training.step });
        if (training.step === 2 && fate in ends) ends[fate as keyof typeof ends]();
        await checkpoint?.save(async () => training.save());
      }
      checkpoint?.remove();
      return { ...training.measure(), metrics: {}, curve: '', provenance: { pid: process.pid, continuedAt } };
    },
  };
});
