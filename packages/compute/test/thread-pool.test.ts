import { getPriority } from 'node:os';
import { Busy, LedgerUnavailable } from '@gradsmith/core/domain';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ComputationFailed, ThreadPool, type ThreadSettings } from '../src/thread-pool.ts';

function startPool(settings: Partial<ThreadSettings> = {}): ThreadPool<string, string> {
  const body = new URL('threads/echo.ts', import.meta.url);
  const pool = new ThreadPool<string, string>({ what: 'the echo', body, threads: 1, limitMs: 60_000, ...settings });
  onTestFinished(async () => pool.close());
  return pool;
}

describe('a thread pool', () => {
  test('gives each call its own result', async () => {
    const pool = startPool();
    expect(await Promise.all(['a', 'b', 'c'].map(async (input) => pool.call(input, input)))).toEqual(['a', 'b', 'c']);
  });

  test('rejects a call whose function fails and continues with the same thread', async () => {
    const pool = startPool();
    await expect(pool.call('job', 'fail')).rejects.toThrow('the echo could not be computed: no result');
    expect(await pool.call('job', 'a')).toBe('a');
  });

  test.each([
    ['crash', 'the thread that computes the echo exited: crashed'],
    ['exit', 'the thread that computes the echo exited'],
  ])('rejects only the call whose thread exits by %s', async (input, message) => {
    const pool = startPool({ threads: 2 });
    const [ends, next, later] = await Promise.allSettled([input, 'a', 'b'].map(async (each) => pool.call('job', each)));
    expect(ends).toMatchObject({ status: 'rejected', reason: { message } });
    expect([next, later]).toMatchObject([{ value: 'a' }, { value: 'b' }]);
  });

  test('does not reject calls of the next thread when the old one emits its exit event', async () => {
    const pool = startPool();
    for (let i = 0; i < 5; i++) {
      // The thread emits `error` first and `exit` later, when the next call has already started a new thread.
      await expect(pool.call('job', 'crash')).rejects.toMatchObject({ cause: { message: 'crashed' } });
      expect(await pool.call('job', 'a')).toBe('a');
    }
  });

  test('refuses a call beyond its limit as busy, not as an unavailable ledger, until others are answered', async () => {
    const pool = startPool({ maxOpen: 2 });
    const hanging = Promise.allSettled([pool.call('a', 'hang'), pool.call('b', 'hang')]);
    const refused = await pool.call('c', 'a').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Busy);
    expect(refused).not.toBeInstanceOf(LedgerUnavailable);
    expect(refused).toMatchObject({ code: 'busy', retryable: true });
    await pool.close();
    for (const { status } of await hanging) expect(status).toBe('rejected');
    expect(await pool.call('c', 'a')).toBe('a');
  });

  test('terminates a call that never returns at its time limit, with that reason', async () => {
    const pool = startPool({ limitMs: 1_000 });
    const error = await pool.call('job', 'loop').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ComputationFailed);
    expect(error).toMatchObject({ message: 'the echo was not computed within 1 s' });
    expect(await pool.call('job', 'a')).toBe('a');
  });

  test('does not count the time during which the process was stopped', async () => {
    const pool = startPool({ limitMs: 400 });
    await pool.call('job', 'a');
    // From here, the timers come before the answer of the thread.
    await new Promise(setImmediate);
    const call = pool.call('job', 'b');
    // As when a machine is paused: no timer of this thread runs, and afterwards all that are due run at once.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    expect(await call).toBe('b');
  });

  test('computes quick calls while slow ones run', async () => {
    const pool = startPool({ slowMs: 20, maxSlow: 2 });
    const slow = Promise.allSettled(['a', 'b'].map(async (key) => pool.call(key, 'loop')));
    expect(await pool.call('c', 'quick')).toBe('quick');
    await pool.close();
    expect((await slow).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('lets a key whose last call was slow wait for slow calls only', async () => {
    const pool = startPool({ slowMs: 20, maxSlow: 1, limitMs: 1_000 });
    const settled: string[] = [];
    const call = async (key: string, input: string): Promise<unknown> =>
      pool
        .call(key, input)
        .catch((error: unknown) => error)
        .finally(() => settled.push(`${key} ${input}`));
    await call('slow', 'loop');
    const blocking = call('slow', 'loop');
    const queued = call('slow', 'echo');
    await call('quick', 'echo');
    expect(settled).toEqual(['slow loop', 'quick echo']);
    await Promise.all([blocking, queued]);
    expect(settled).toEqual(['slow loop', 'quick echo', 'slow loop', 'slow echo']);
  });

  test('computes the call whose key has computed least first', async () => {
    const body = new URL('threads/waits.ts', import.meta.url);
    const pool = startPool({ body, slowMs: 60_000 });
    const settled: string[] = [];
    const call = async (key: string, ms: number): Promise<unknown> =>
      pool.call(key, String(ms)).then(() => settled.push(key));
    await call('greedy', 50);
    settled.length = 0;
    const calls = [call('first', 0), call('greedy', 10), call('greedy', 10), call('modest', 0), call('new', 0)];
    await Promise.all(calls);
    expect(settled).toEqual(['first', 'modest', 'new', 'greedy', 'greedy']);
  });

  test.runIf(process.platform === 'linux')('gives slow calls a low priority, and only them', async () => {
    const body = new URL('threads/priority.ts', import.meta.url);
    const [usual, low] = [String(getPriority()), String(getPriority() + 3)];
    const pool = startPool({ body, slowMs: 1_000, slowNice: getPriority() + 3, threads: 1 });
    expect(await pool.call('slow', 'changed')).toBe(low);
    expect(await pool.call('quick', 'now')).toBe(usual);
    expect(await pool.call('slow', 'now')).toBe(low);
    // Its last call was quick.
    expect(await pool.call('slow', 'now')).toBe(usual);
  });

  test.runIf(process.platform === 'linux')('does not take a call for slow whose thread starts slowly', async () => {
    const body = new URL('threads/late.ts', import.meta.url);
    const pool = startPool({ body, slowMs: 300, slowNice: getPriority() + 3 });
    for (let i = 0; i < 2; i++) expect(await pool.call('job', 'now')).toBe(String(getPriority()));
  });
});
