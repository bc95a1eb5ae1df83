import { Busy } from '@gradsmith/core/domain';
import { expect, onTestFinished, test } from 'vitest';
import { ThreadCache } from '../src/thread-cache.ts';

function createCache(): ThreadCache<string, string> {
  const body = new URL('threads/echo.ts', import.meta.url);
  const cache = new ThreadCache<string, string>({ what: 'the echo', body });
  onTestFinished(async () => cache.close());
  return cache;
}

test('a job has few open fits, however many settings it is asked for with; other jobs have their own', async () => {
  const cache = createCache();
  const ask = async (jobId: string, part: string): Promise<string> => cache.compute({ jobId, seq: 1, part }, part);
  const answers = await Promise.allSettled([ask('one', 'a'), ask('one', 'b'), ask('one', 'c'), ask('two', 'd')]);
  expect(answers).toMatchObject([{ value: 'a' }, { value: 'b' }, { reason: expect.any(Busy) }, { value: 'd' }]);
  // They are settled, so another one may be computed, and the first ones are known.
  expect(await ask('one', 'c')).toBe('c');
  expect(await Promise.all(['a', 'b', 'c'].map(async (part) => ask('one', part)))).toEqual(['a', 'b', 'c']);
});

test('a result is computed again once its job has changed', async () => {
  const cache = createCache();
  expect(await cache.compute({ jobId: 'one', seq: 1 }, 'before')).toBe('before');
  expect(await cache.compute({ jobId: 'one', seq: 1 }, 'after')).toBe('before');
  expect(await cache.compute({ jobId: 'one', seq: 2 }, 'after')).toBe('after');
});
