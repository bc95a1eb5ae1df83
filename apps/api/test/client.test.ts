import { setTimeout as delay } from 'node:timers/promises';
import { ApiProblem, ConnectionError, Gradsmith, work, type JobEvent } from '@gradsmith/client';
import { describe, expect, test } from 'vitest';
import { startRedisService } from './redis-service.ts';

const job = {
  name: 'forest',
  labels: { team: 'trees' },
  objective: { kind: 'external' as const, metric: { name: 'accuracy', direction: 'maximize' as const } },
  space: { depth: { type: 'int' as const, low: 1, high: 1_000 } },
  search: { algorithm: 'random' as const, trials: 6, maxParallelism: 2 },
};
const depth = async ({ point }: { point: Record<string, unknown> }): Promise<number> => point.depth as number;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A network that loses the reply of every `nth` request, after the service has heard it. */
function losing(nth: number): { fetch: typeof fetch; lost(): number } {
  let sent = 0;
  let lost = 0;
  return {
    lost: () => lost,
    fetch: async (...request) => {
      const response = await fetch(...request);
      if (++sent % nth !== 0) return response;
      lost += 1;
      await response.body?.cancel();
      throw new TypeError('the connection was reset');
    },
  };
}

describe('the client', () => {
  test('does everything once although every second reply is lost', async () => {
    const { url } = await startRedisService();
    const network = losing(2);
    const service = new Gradsmith({ url, fetch: network.fetch });
    const { id } = await service.create(job);
    expect(await all(service.jobs())).toHaveLength(1);
    const point = { depth: 7 };
    const { key } = await service.enqueue(id, point);
    expect(await service.enqueue(id, point, { key })).toMatchObject({ added: false });
    await work(service, id, depth);
    const status = await service.waitUntilFinished(id, { everyMs: 50 });
    expect(status).toMatchObject({ state: 'completed', counts: { complete: 6, failed: 0 } });
    await service.extend(id, 8);
    await work(service, id, depth);
    const trials = await all(service.trials(id, { sort: 'value' }));
    expect(trials.filter(({ point }) => point.depth === 7)).toHaveLength(1);
    expect(await service.invalidate(id, trials[0]!.id, 'wrong')).toMatchObject({ state: 'cancelled', reason: 'wrong' });
    const clone = await service.clone(id, { name: 'again', warmStart: {} });
    expect(clone.observed).toBe(7);
    await service.pause(clone.id);
    await service.resume(clone.id);
    await service.cancel(clone.id);
    const document = await service.export(id);
    await service.delete(id);
    expect((await service.import(document)).id).toBe(id);
    expect(await all(service.jobs({ label: ['team:trees'], state: 'completed' }))).toMatchObject([{ id }]);
    expect((await service.trial(id, '1')).curve).toEqual([]);
    expect((await service.best(id, 2))[0]!.value).toBe((await service.status(id)).best!.value);
    expect(await service.workers()).toEqual([]);
    expect((await service.catalogue()).algorithms).toContain('gp');
    expect(network.lost()).toBeGreaterThan(15);
  });

  test('follows events across interruptions, without gaps and repeats', async () => {
    const { url } = await startRedisService();
    let open: AbortController | undefined;
    const breaking: typeof fetch = async (address, init) => {
      if (!String(address).includes('/events')) return fetch(address, init);
      open = new AbortController();
      return fetch(address, { ...init, signal: AbortSignal.any([init!.signal!, open.signal]) });
    };
    const service = new Gradsmith({ url, fetch: breaking });
    const { id } = await service.create(job);
    const seen: JobEvent[] = [];
    let isConnected = false;
    const onConnection = (connected: boolean) => void (isConnected = connected);
    const following = (async () => {
      for await (const event of service.events(id, { after: '0', onConnection })) seen.push(event);
    })();
    const breaker = setInterval(() => open?.abort(), 150);
    await work(service, id, async (measurement) => delay(40).then(() => depth(measurement)));
    clearInterval(breaker);
    while (!seen.some(({ event, data }) => event === 'job' && 'state' in data && data.state === 'completed'))
      await delay(20);
    // A stream that is opened after the end of its job would be refused.
    await expect.poll(() => isConnected && !open!.signal.aborted, { timeout: 30_000 }).toBe(true);
    const moves = seen.flatMap(({ event, data }) =>
      event === 'trial' ? [`${data.seq} ${data.trial.id} ${data.move}`] : [],
    );
    expect(new Set(moves).size).toBe(moves.length);
    expect(moves).toHaveLength(18);
    await service.delete(id);
    await following;
    expect(seen.at(-1)!.event).toBe('deleted');
  });

  test('follows all jobs until it is stopped', async () => {
    const { url } = await startRedisService();
    const service = new Gradsmith({ url });
    const stop = new AbortController();
    const seen: string[] = [];
    const connected = Promise.withResolvers<boolean>();
    const following = (async () => {
      for await (const { event, data } of service.allEvents({ signal: stop.signal, onConnection: connected.resolve }))
        if (event === 'job') seen.push(`${data.name} ${data.state}`);
    })();
    // A job that finishes before the stream opens is not reported.
    expect(await connected.promise).toBe(true);
    const { id } = await service.create(job);
    await service.cancel(id);
    while (!seen.includes('forest cancelled')) await delay(20);
    stop.abort(new Error('enough'));
    await expect(following).rejects.toThrow('enough');
  });

  test('throws refusals at once, and waits until a temporary failure has passed', async () => {
    const { url } = await startRedisService({ perMinute: 3 });
    const service = new Gradsmith({ url, retryForMs: 0 });
    await expect(service.job('job_00000000000000000000')).rejects.toMatchObject({ status: 404, code: 'not-found' });
    await expect(service.create({ ...job, search: { trials: 0 } })).rejects.toMatchObject({
      status: 422,
      problems: [{ pointer: '/search/trials' }],
    });
    await service.workers();
    await expect(service.workers()).rejects.toThrow(ApiProblem);
    const nowhere = new Gradsmith({ url: 'http://127.0.0.1:9', retryForMs: 300 });
    const start = performance.now();
    await expect(nowhere.workers()).rejects.toThrow(ConnectionError);
    expect(performance.now() - start).toBeGreaterThan(100);
    await expect(new Gradsmith({ url: 'http://127.0.0.1:9' }).workers(AbortSignal.timeout(100))).rejects.toThrow(
      /timeout|aborted/,
    );
  });

  test('works on trials: releases, fails, fails finally, completes, stops when the job is cancelled', async () => {
    const { url } = await startRedisService();
    const service = new Gradsmith({ url });
    const { id } = await service.create({ ...job, limits: { attempts: 1 } });
    let started = 0;
    const stop = new AbortController();
    await work(
      service,
      id,
      async ({ signal, report }) => {
        started += 1;
        if (started === 1) throw new Error('out of memory');
        if (started === 2) return Number.NaN;
        if (started === 3) {
          expect(await report(1, 0.5)).toBe(true);
          // Repeated and earlier steps, refused reports and values that fit no curve leave the result valid.
          for (const step of [1, 0]) expect(await report(step, 0.75)).toBe(true);
          await expect(report(2, Infinity)).rejects.toThrow('at step 2 must be a finite number, not Infinity');
          await expect(report(2 ** 53, 1)).rejects.toThrow('not 9007199254740992');
          expect(await report(3, 1e39)).toBe(true);
          return { value: 1, metrics: { loss: 2 } };
        }
        stop.abort();
        await delay(60_000, undefined, { signal });
        return 0;
      },
      { signal: stop.signal, worker: 'me' },
    );
    const trials = await all(service.trials(id));
    expect(trials.slice(0, 3).map(({ state, reason, value }) => [state, reason, value])).toEqual([
      ['failed', expect.stringContaining('out of memory'), null],
      ['failed', 'the program reported no finite value', null],
      ['complete', null, 1],
    ]);
    expect(trials[3]).toMatchObject({
      state: 'pending',
      attempts: [{ worker: 'me', outcome: 'released', reason: 'the program was stopped' }],
    });
    expect((await service.trial(id, '2')).curve).toEqual([0.5]);

    let stopped = false;
    const working = work(
      service,
      id,
      async ({ signal }) => {
        await service.cancel(id);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        stopped = true;
        return 0;
      },
      { lease: '1s' },
    );
    await working;
    expect(stopped).toBe(true);
    expect((await service.status(id)).counts).toMatchObject({ complete: 1, failed: 2, pending: 0, running: 0 });
  });

  test('keeps a result during outages that are longer than the retries of a call, and continues', async () => {
    const { url } = await startRedisService();
    let away = 0;
    const sent: string[] = [];
    const network: typeof fetch = async (address, init) => {
      sent.push(String(address).split('/').at(-1)!);
      if (performance.now() < away) throw new TypeError('the connection was refused');
      return fetch(address, init);
    };
    const goAway = (ms: number): void => void (away = performance.now() + ms);
    const service = new Gradsmith({ url, fetch: network, retryForMs: 300 });
    const { id } = await service.create({ ...job, search: { ...job.search, trials: 3 } });
    const reported: boolean[] = [];
    await work(
      service,
      id,
      async ({ number, report, point }) => {
        // The first outage lasts until after the lease of trial 0, the second one follows the result of trial 1.
        if (number === 0) goAway(2_500);
        reported.push(await report(1, 0.5));
        return point.depth as number;
      },
      { lease: '1s', onReported: (trial) => trial === '1' && goAway(1_000) },
    );
    const trials = await all(service.trials(id, { sort: 'number' }));
    expect(trials.map(({ state, attempts }) => [state, attempts.map(({ outcome }) => outcome)])).toEqual(
      Array.from({ length: 3 }, () => ['complete', ['reported']]),
    );
    expect(reported).toEqual([true, true, true]);
    expect(sent).not.toContain('fail');
  });

  test('stops measuring when the job was deleted', async () => {
    const { url } = await startRedisService();
    const service = new Gradsmith({ url });
    const { id } = await service.create(job);
    let stopped = false;
    const working = work(
      service,
      id,
      async ({ signal }) => {
        await service.cancel(id);
        await service.delete(id);
        await Promise.race([delay(5_000), new Promise((resolve) => signal.addEventListener('abort', resolve))]);
        stopped = signal.aborted;
        return 0;
      },
      { lease: '2s' },
    );
    await expect(working).rejects.toMatchObject({ status: 404 });
    expect(stopped).toBe(true);
  });
});
