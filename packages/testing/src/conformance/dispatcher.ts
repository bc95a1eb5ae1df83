import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher, TrialMessage } from '@gradsmith/core/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../waiting.ts';

/** Time after which an unexpected message would have arrived, ms. */
const QUIET_MS = 150;

export interface DispatcherBacking {
  dispatcher: Dispatcher;
  dispose(): Promise<void>;
}

const queue = 'wasm float32, 2 threads: a/b';

function createMessage(n: number, overrides: Partial<TrialMessage> = {}): TrialMessage {
  return { id: `job_0-${n}-0`, jobId: 'job_0', trialId: String(n), queue, ...overrides };
}

/** Tests a Dispatcher. `make` creates an empty one. */
export function dispatcherConformance(name: string, make: () => Promise<DispatcherBacking>): void {
  describe(`${name}: dispatcher`, () => {
    let backing: DispatcherBacking;
    let dispatcher: Dispatcher;
    beforeEach(async () => {
      backing = await make();
      dispatcher = backing.dispatcher;
    });
    afterEach(async () => backing.dispose());

    test('delivers a message to a consumer, in either order', async () => {
      const seen: TrialMessage[] = [];
      await dispatcher.send(createMessage(0));
      dispatcher.consume(queue, 1, async (one) => void seen.push(one));
      await waitUntil(() => seen.length === 1);
      await dispatcher.send(createMessage(1));
      await waitUntil(() => seen.length === 2);
      expect(seen).toEqual([createMessage(0), createMessage(1)]);
    });

    test('delivers it only to consumers of its queue', async () => {
      const seen: string[] = [];
      dispatcher.consume('other', 1, async () => void seen.push('other'));
      dispatcher.consume(queue, 1, async () => void seen.push(queue));
      await dispatcher.send(createMessage(0));
      await waitUntil(() => seen.length > 0);
      await sleep(QUIET_MS);
      expect(seen).toEqual([queue]);
    });

    test('ignores a message that is sent again while it is queued or handled', async () => {
      let handled = 0;
      const gate = Promise.withResolvers<void>();
      await dispatcher.send(createMessage(0));
      await dispatcher.send(createMessage(0));
      dispatcher.consume(queue, 4, async () => {
        handled += 1;
        await gate.promise;
      });
      await waitUntil(() => handled === 1);
      await dispatcher.send(createMessage(0));
      await sleep(QUIET_MS);
      expect(handled).toBe(1);
      gate.resolve();
    });

    test('accepts a finished message again', async () => {
      let handled = 0;
      dispatcher.consume(queue, 1, async () => void (handled += 1));
      for (let round = 1; round <= 3; round++) {
        await dispatcher.send(createMessage(0));
        await waitUntil(() => handled === round);
        await waitUntil(async () => (await dispatcher.findMissing([createMessage(0)])).length === 1);
      }
      expect(handled).toBe(3);
    });

    test.each([3, 100])('delivers as many messages at once as there are slots: %d', async (slots) => {
      const handled: string[] = [];
      const gate = Promise.withResolvers<void>();
      dispatcher.consume(queue, slots, async ({ trialId }) => {
        handled.push(trialId);
        await gate.promise;
      });
      for (let n = 0; n < 2 * slots; n++) await dispatcher.send(createMessage(n));
      await waitUntil(() => handled.length === slots);
      await sleep(QUIET_MS);
      expect(handled).toHaveLength(slots);
      gate.resolve();
      await waitUntil(() => handled.length === 2 * slots);
      expect(new Set(handled).size).toBe(2 * slots);
    });

    test('shares messages among consumers, each to one', async () => {
      const seen: string[] = [];
      for (let i = 0; i < 3; i++) dispatcher.consume(queue, 2, async ({ trialId }) => void seen.push(trialId));
      for (let n = 0; n < 30; n++) await dispatcher.send(createMessage(n));
      await waitUntil(() => seen.length === 30);
      await sleep(QUIET_MS);
      expect([...seen].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 30 }, (_, n) => String(n)));
    });

    test('lists the missing messages', async () => {
      const gate = Promise.withResolvers<void>();
      let started = false;
      await dispatcher.send(createMessage(1));
      dispatcher.consume(queue, 1, async () => {
        started = true;
        await gate.promise;
      });
      await waitUntil(() => started);
      await dispatcher.send(createMessage(2));
      expect(await dispatcher.findMissing([])).toEqual([]);
      // Handled, queued, never offered, and one of the same trial under another dispatch.
      const redispatched = createMessage(1, { id: 'job_0-1-1' });
      expect(
        await dispatcher.findMissing([createMessage(1), createMessage(2), createMessage(3), redispatched]),
      ).toEqual([createMessage(3), redispatched]);
      gate.resolve();
    });

    test('finishes a message whose handler fails, and continues', async () => {
      const seen: string[] = [];
      dispatcher.consume(queue, 1, async ({ trialId }) => {
        seen.push(trialId);
        if (trialId === '0') throw new Error('handler failed on purpose');
      });
      await dispatcher.send(createMessage(0));
      await dispatcher.send(createMessage(1));
      await waitUntil(() => seen.length === 2);
      await waitUntil(async () => (await dispatcher.findMissing([createMessage(0), createMessage(1)])).length === 2);
      await sleep(QUIET_MS);
      expect(seen).toEqual(['0', '1']);
    });

    test('on close aborts handlers, waits for them and accepts no more messages', async () => {
      const events: string[] = [];
      const consumer = dispatcher.consume(queue, 1, async (one, signal) => {
        events.push(`started ${one.trialId}`);
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await sleep(30);
        events.push(`finished ${one.trialId}`);
      });
      await dispatcher.send(createMessage(0));
      await waitUntil(() => events.length === 1);
      await dispatcher.send(createMessage(1));
      await consumer.close();
      events.push('closed');
      await sleep(QUIET_MS);
      expect(events).toEqual(['started 0', 'finished 0', 'closed']);
    });

    test('leaves what a closed consumer did not take to the others', async () => {
      const first = dispatcher.consume(queue, 1, async () => {});
      await first.close();
      await dispatcher.send(createMessage(0));
      expect(await dispatcher.findMissing([createMessage(0)])).toEqual([]);
      const seen: string[] = [];
      dispatcher.consume(queue, 1, async ({ trialId }) => void seen.push(trialId));
      await waitUntil(() => seen.length === 1);
    });

    test('closes while handlers run, within a bound', async () => {
      let [started, aborted] = [false, false];
      dispatcher.consume(queue, 1, async (_, signal) => {
        started = true;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        aborted = true;
      });
      await dispatcher.send(createMessage(0));
      await waitUntil(() => started);
      await dispatcher.close();
      expect(aborted).toBe(true);
    });
  });
}
