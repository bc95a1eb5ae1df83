import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import { afterEach, expect, it, vi } from 'vitest';
import { backendFolder } from '../../src/backends/installation.ts';
import { DEFAULT_MODE, getModeLabel, readUserMode, type OneDnnMode } from '../../src/backends/tensorflow/one-dnn.ts';
import {
  chooseMode,
  chooseOneDnnMode,
  findFallbackMode,
  readFallbackMode,
  type FallbackAnswer,
} from '../../src/process/choose-one-dnn-mode.ts';
import { ProcessTrainer } from '../../src/process/index.ts';
import { createProbe, type ProbeResult } from '../../src/process/probe-one-dnn.ts';
import { cacheDir as installed, isInstalled } from '../backends/installed.ts';
import { temporaryFolder } from '../data/files.ts';
import { objective } from './objective.ts';

vi.setConfig({ testTimeout: 120_000 });
afterEach(() => vi.unstubAllEnvs());

/** Returns a probe with the given milliseconds by label. Modes without milliseconds crash by SIGFPE. */
function fakeProbe(speeds: Record<string, number>) {
  const probed: string[] = [];
  const probe = async (mode: OneDnnMode): Promise<ProbeResult> => {
    const label = getModeLabel(mode) ?? 'default';
    probed.push(label);
    const milliseconds = speeds[label];
    return milliseconds === undefined ? { ok: false, reason: 'SIGFPE' } : { ok: true, milliseconds };
  };
  return { probe, probed };
}

it('chooses the default mode without probing others if it works', async () => {
  const { probe, probed } = fakeProbe({ default: 9, off: 1, sse41: 1 });
  expect(getModeLabel(await chooseMode(undefined, probe))).toBeUndefined();
  expect(probed).toEqual(['default']);
});

it.each([
  [{ off: 20, sse41: 30 }, 'off'],
  [{ off: 30, sse41: 20 }, 'sse41'],
  [{ sse41: 20 }, 'sse41'],
])('chooses the fastest fallback that works if the default crashes (%j)', async (speeds, label) => {
  expect(getModeLabel(await chooseMode(undefined, fakeProbe(speeds as Record<string, number>).probe))).toBe(label);
});

it('says what was tried and what to do if no mode works', async () => {
  await expect(chooseMode(undefined, fakeProbe({}).probe)).rejects.toThrow(
    /Tried: .*OPTS=1: SIGFPE; TF_ENABLE_ONEDNN_OPTS=0: SIGFPE; .*SSE41: SIGFPE\. .* use the backend wasm/,
  );
});

it('tries only the mode that the user has set', async () => {
  const user = readUserMode({ ONEDNN_MAX_CPU_ISA: 'AVX2' });
  expect(user).toEqual({ options: '1', isa: 'AVX2' });
  const works = fakeProbe({ avx2: 5, off: 1 });
  expect(await chooseMode(user, works.probe)).toBe(user);
  const fails = fakeProbe({ off: 1 });
  await expect(chooseMode(user, fails.probe)).rejects.toThrow(/Unset TF_ENABLE_ONEDNN_OPTS and ONEDNN_MAX_CPU_ISA/);
  expect(fails.probed).toEqual(['avx2']);
  expect(readUserMode({})).toBeUndefined();
});

it('needs no mode if TensorFlow is not installed', async () => {
  expect(await chooseOneDnnMode(temporaryFolder())).toBeUndefined();
});

it('ends a probe when its signal aborts', async () => {
  const probe = createProbe({ folder: temporaryFolder(), addon: '@tensorflow/tfjs-node' });
  const controller = new AbortController();
  const probing = probe(DEFAULT_MODE, controller.signal);
  controller.abort(new Error('the worker stops'));
  await expect(probing).rejects.toThrow('the worker stops');
  await expect(probe(DEFAULT_MODE, controller.signal)).rejects.toThrow('the worker stops');
});

/** A cache with the installed TensorFlow and no choice of a mode. */
function createCache(): string {
  const cacheDir = temporaryFolder();
  mkdirSync(join(cacheDir, 'backends'));
  symlinkSync(backendFolder(installed, 'tensorflow'), backendFolder(cacheDir, 'tensorflow'));
  return cacheDir;
}

it.skipIf(!isInstalled('tensorflow'))('finds and keeps a mode for a network that crashed', async ({ skip }) => {
  const cacheDir = createCache();
  const label = getModeLabel((await chooseOneDnnMode(cacheDir))!);
  skip(label !== undefined, 'the default mode crashes on this machine, so no network can crash in it only');
  const job = { cacheDir, objective: trainingObjectiveSchema.parse(objective), threads: 1 };
  expect(await findFallbackMode(job)).toEqual({ kind: 'works' });
  expect(readFallbackMode(cacheDir)).toBeUndefined();
  vi.stubEnv('GRADSMITH_TEST_KILL_ONEDNN', 'networks');
  const { kind, mode } = (await findFallbackMode(job)) as Extract<FallbackAnswer, { kind: 'fallback' }>;
  expect([kind, getModeLabel(mode)]).toEqual(['fallback', expect.stringMatching(/^(off|sse41)$/)]);
  expect(readFallbackMode(cacheDir)).toEqual(mode);
  // The machine's own mode stays.
  expect(getModeLabel((await chooseOneDnnMode(cacheDir))!)).toBeUndefined();
  vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '1');
  expect(await findFallbackMode(job)).toEqual({ kind: 'none', tried: [] });
});

it.skipIf(!isInstalled('tensorflow'))('trains in a fallback where the default mode ends the process', async () => {
  const cacheDir = createCache();
  vi.stubEnv('GRADSMITH_TEST_KILL_ONEDNN', '1');
  const trainer = new ProcessTrainer({ backend: 'tensorflow', cacheDir });
  const request = { key: 'test', objective: trainingObjectiveSchema.parse(objective), timeoutMs: 60_000 };
  const result = await trainer.train(request, { signal: new AbortController().signal, onProgress: () => {} });
  await trainer.close();
  expect(result.outcome).toBe('complete');
  expect(result.provenance['backend']).toMatch(/ onednn=(off|sse41) /);
  expect(readdirSync(join(cacheDir, 'backends')).filter((name) => name.startsWith('onednn-'))).toHaveLength(1);
});
