import { Busy, LedgerUnavailable } from '@gradsmith/core/domain';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ThreadClient } from '../src/thread-client.ts';

function startClient(maxOpen?: number): ThreadClient<string, string> {
  const body = new URL('threads/echo.ts', import.meta.url);
  const client = new ThreadClient<string, string>({ what: 'the echo', body, maxOpen });
  onTestFinished(async () => client.close());
  return client;
}

describe('a thread client', () => {
  test('gives each call its own result', async () => {
    const client = startClient();
    expect(await Promise.all(['a', 'b', 'c'].map(async (input) => client.call(input)))).toEqual(['a', 'b', 'c']);
  });

  test('rejects a call whose function fails and goes on with the same thread', async () => {
    const client = startClient();
    await expect(client.call('fail')).rejects.toThrow('the echo could not be computed: no result');
    expect(await client.call('a')).toBe('a');
  });

  test.each(['crash', 'exit'])('rejects the open calls if the thread ends by %s', async (input) => {
    const client = startClient();
    const open = [client.call('hang'), client.call(input)];
    for (const result of await Promise.allSettled(open)) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { message: 'the thread that computes the echo ended' },
      });
    }
  });

  test('does not reject calls of the next thread when the old one emits its exit event', async () => {
    const client = startClient();
    for (let i = 0; i < 5; i++) {
      // The thread emits `error` first and `exit` later, when the next call has already started a new thread.
      await expect(client.call('crash')).rejects.toMatchObject({ cause: { message: 'crashed' } });
      expect(await client.call('a')).toBe('a');
    }
  });

  test('refuses a call beyond its limit as busy, not as a missing ledger, until others are answered', async () => {
    const client = startClient(2);
    const hanging = [client.call('hang'), client.call('hang')];
    const refused = await client.call('a').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Busy);
    expect(refused).not.toBeInstanceOf(LedgerUnavailable);
    expect(refused).toMatchObject({ code: 'busy', retryable: true });
    await client.close();
    for (const { status } of await Promise.allSettled(hanging)) expect(status).toBe('rejected');
    expect(await client.call('a')).toBe('a');
  });
});
