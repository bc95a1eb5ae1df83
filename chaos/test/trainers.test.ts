// A trainer process that crashes, hangs or exceeds its memory fails its attempt but never its worker.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '@gradsmith/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createControlGroup, type ControlGroup } from '../src/cluster/control-group.ts';
import { Bench } from './bench.ts';

let bench: Bench;
let controlGroup: ControlGroup | null = null;
afterEach(async () => {
  await bench.stop();
  controlGroup?.remove();
  controlGroup = null;
});

const reasons = {
  segfault: /was killed by SIGSEGV/,
  abort: /was killed by SIGABRT/,
  hang: /longer than 15 s/,
  hog: /was killed by SIGKILL|MiB of memory, allowed are/,
} as const;

describe('a trainer that', () => {
  test.each(Object.entries(reasons))(
    '%ss: each attempt fails with the reason, as often as the policy allows, and the next trials complete',
    async (fate, reason) => {
      bench = await Bench.start(2_000, { fates: { 1: fate } });
      await bench.launch('coordinator');
      const worker = await bench.launch('worker', { GRADSMITH_SLOTS: '1' });
      if (fate === 'hog') {
        controlGroup = createControlGroup(`gradsmith-test-${process.pid}`, 500 * 2 ** 20);
        if (!controlGroup)
          throw new Error(
            'this test sets a memory limit on a process: it needs to be root, with control groups that can be written',
          );
        controlGroup.add(worker.pid);
        // The limit does not hold for the trainers that run already, only for their successors.
        for (const child of listChildren(worker.pid)) process.kill(child, 'SIGKILL');
      }
      const id = await bench.job({
        trials: 4,
        limits: { attempts: 2, trialTimeout: fate === 'hang' ? '15s' : '60s', maxFailures: 5 },
      });
      const job = await bench.waitUntilFinished(id, 300_000);
      const [, failed] = await bench.trials(id);
      expect(job).toMatchObject({ state: 'completed', counts: { complete: 3, failed: 1 } });
      expect(failed!.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
      for (const attempt of failed!.attempts) expect(attempt.reason).toMatch(reason);
      expect(worker.output).not.toContain('"level":60');
      if (controlGroup) expect(controlGroup.countKills()).toBeGreaterThanOrEqual(2);
    },
  );
});

test('a killed worker leaves no trainer process, and another worker completes its trial', async () => {
  bench = await Bench.start(2_000, { ms: 3_000 });
  await bench.launch('coordinator');
  const worker = await bench.launch('worker', { GRADSMITH_SLOTS: '2' });
  const id = await bench.job({ trials: 2 });
  await waitUntil(async () => (await bench.trials(id)).filter(({ state }) => state === 'running').length === 2, 60_000);
  const trainers = listChildren(worker.pid);
  expect(trainers).toHaveLength(2);
  await worker.end('SIGKILL');
  await waitUntil(() => trainers.every((pid) => !isAlive(pid)), 5_000);
  await bench.launch('worker', { GRADSMITH_SLOTS: '2' });
  const job = await bench.waitUntilFinished(id, 90_000);
  expect(job).toMatchObject({ state: 'completed', counts: { complete: 2 } });
  expect((await bench.trials(id)).some(({ attempts }) => attempts.some(({ outcome }) => outcome === 'expired'))).toBe(
    true,
  );
});

describe('a worker that is asked to stop', () => {
  test('releases its trials as preempted within seconds', async () => {
    bench = await Bench.start(30_000, { ms: 60_000 });
    await bench.launch('coordinator');
    const worker = await bench.launch('worker', { GRADSMITH_SLOTS: '2' });
    const id = await bench.job({ trials: 2 });
    await waitUntil(
      async () => (await bench.trials(id)).filter(({ state }) => state === 'running').length === 2,
      60_000,
    );
    const start = performance.now();
    expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - start).toBeLessThan(20_000);
    const released = (await bench.trials(id)).filter(({ preemptions }) => preemptions === 1);
    expect(released.map(({ state, attempts }) => [state, attempts[0]!.outcome])).toEqual([
      ['pending', 'released'],
      ['pending', 'released'],
    ]);
  });

  test('exits within its time limit while Redis is unavailable, and at once on a second signal', async () => {
    bench = await Bench.start(2_000, { ms: 60_000 });
    await bench.launch('coordinator');
    const [bounded, forced] = await Promise.all([bench.launch('worker'), bench.launch('worker')]);
    const id = await bench.job({ trials: 2 });
    await waitUntil(
      async () => (await bench.trials(id)).filter(({ state }) => state === 'running').length === 2,
      60_000,
    );
    const trainers = [bounded, forced].flatMap((worker) => listChildren(worker!.pid));
    await bench.server.kill();
    const start = performance.now();
    const ending = bounded!.end('SIGTERM').then(() => performance.now() - start);
    forced!.signal('SIGTERM');
    await delay(500);
    const second = performance.now();
    expect(await forced!.end('SIGTERM')).toMatchObject({ code: 1 });
    expect(performance.now() - second).toBeLessThan(2_000);
    expect(await ending).toBeLessThan(22_000);
    await waitUntil(() => trainers.every((pid) => !isAlive(pid)), 5_000);
    await bench.server.start();
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function listChildren(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
