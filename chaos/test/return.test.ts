// A thousand executors and many event streams come back together after the API was away: no result is lost, the
// memory of the API stays bounded, and its answers are quick again.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { freePort, waitUntil } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import type { ProductProcess } from '../src/load/product-process.ts';
import { Random } from '../src/random.ts';
import { Bench } from './bench.ts';

const EXECUTORS = 1_000;
/** As many as one address may have, less some. */
const STREAMS = 90;
const JOBS = 16;
/** One trial for each executor, and some more. */
const TRIALS = 64;
/** Two thirds of what the API has under the limits of Compose, bytes. */
const MOST_MEMORY = 512 * 2 ** 20;

let bench: Bench;
const stop = new AbortController();
afterEach(async () => {
  stop.abort();
  await bench.stop();
});

/** Repeats the request until the service answers it, with pauses that differ, as the clients of the product do. */
async function send(url: string, body: object, random: Random): Promise<Record<string, string>> {
  for (let wait = 200; ; wait = Math.min(2 * wait, 5_000)) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(60_000),
      });
      const answer = (await response.json()) as Record<string, string>;
      if (response.status < 500 && response.status !== 429) return answer;
    } catch {
      // Nothing listens, or the connection was closed.
    }
    await delay(wait * random.between(0.5, 1.5));
  }
}

/** Follows the job and resumes after interruptions. Returns the moves that arrived, and whether the end did. */
function follow(api: string, job: string, random: Random): { moves: Set<string>; hasEnded(): boolean } {
  const moves = new Set<string>();
  const end = new AbortController();
  let last = '0';
  const read = async (): Promise<void> => {
    const response = await fetch(`${api}/v1/jobs/${job}/events`, {
      headers: { 'last-event-id': last },
      signal: stop.signal,
    });
    let text = '';
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (text += part).split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const [, id, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
        if (!data) continue;
        last = id!;
        const { move, seq, trial, state } = JSON.parse(data) as Record<string, string> & { trial?: { id: string } };
        if (event === 'trial') moves.add(`${trial!.id} ${move} ${seq}`);
        if (event !== 'job' || state !== 'completed') continue;
        return end.abort();
      }
    }
  };
  void (async () => {
    while (!end.signal.aborted && !stop.signal.aborted) {
      await read().catch(() => {});
      await delay(random.between(200, 2_000));
    }
  })();
  return { moves, hasEnded: () => end.signal.aborted };
}

test('a thousand executors and many streams return after an outage of the API', async () => {
  bench = await Bench.start(60_000, {});
  const port = await freePort();
  const api = `http://127.0.0.1:${port}`;
  const env = { GRADSMITH_PORT: String(port), GRADSMITH_REQUESTS_PER_MINUTE: '1000000000' };
  const launchApi = (): Promise<ProductProcess> => bench.launch('api', env);
  const first = await launchApi();
  await bench.launch('coordinator');
  const jobs = await Promise.all(Array.from({ length: JOBS }, (_, n) => postJob(n)));
  const streams = Array.from({ length: STREAMS }, (_, n) => {
    return { job: jobs[n % JOBS]!, ...follow(api, jobs[n % JOBS]!, new Random(n, 'stream')) };
  });

  let holding = 0;
  let tell = (): void => {};
  const isBack = new Promise<void>((resolve) => (tell = resolve));
  const reported: string[] = [];
  const executors = Array.from({ length: EXECUTORS }, async (_, n) => {
    const random = new Random(n, 'executor');
    const job = `${api}/v1/jobs/${jobs[n % JOBS]!}`;
    for (let isFirst = true; ; isFirst = false) {
      const attempt = randomUUID();
      const asked = await send(`${job}/ask`, { attempt, lease: '120s', wait: '5s' }, random);
      if (asked.answer === 'finished') return;
      if (asked.answer !== 'trial') {
        await delay(random.between(200, 1_000));
        continue;
      }
      holding += 1;
      if (isFirst) await isBack;
      const answer = await send(`${job}/trials/${asked.trial!}/tell`, { attempt, value: random.next() }, random);
      expect(['reported', 'already']).toContain(answer.answer);
      reported.push(`${jobs[n % JOBS]!}/${asked.trial!}`);
    }
  });
  await Promise.race([waitUntil(() => holding >= EXECUTORS, 300_000), ...executors]);

  await first.end('SIGKILL');
  // Everybody tries in vain.
  tell();
  await delay(3_000);
  const second = await launchApi();
  await Promise.all(executors);

  expect(new Set(reported).size).toBe(JOBS * TRIALS);
  for (const id of jobs) {
    const job = await bench.waitUntilFinished(id, 60_000);
    expect(job.counts.complete).toBe(TRIALS);
    for (const { attempts } of await bench.trials(id))
      expect(attempts.filter(({ outcome }) => outcome === 'reported')).toHaveLength(1);
  }
  await expect.poll(() => streams.every(({ hasEnded }) => hasEnded()), { timeout: 120_000 }).toBe(true);
  const moves = new Map<string, Set<string>>();
  for (const id of jobs)
    moves.set(
      id,
      new Set((await bench.trials(id)).flatMap((t) => t.history.map(([seq, move]) => `${t.id} ${move} ${seq}`))),
    );
  for (const { job, moves: seen } of streams) expect(moves.get(job)!.difference(seen)).toEqual(new Set());

  const memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${second.pid}/status`, 'utf8'))![1]) * 1_024;
  console.log(`the API needed at most ${Math.round(memory / 2 ** 20)} MiB`);
  expect(memory).toBeLessThan(MOST_MEMORY);
  const start = performance.now();
  expect((await fetch(`${api}/healthz`)).status).toBe(200);
  expect(performance.now() - start).toBeLessThan(1_000);
});

async function postJob(index: number): Promise<string> {
  const id = `job_${String(index).padStart(20, '0')}`;
  await createJob(
    bench.ledger,
    id,
    parseJob({
      name: `returning-${index}`,
      objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
      space: { x: { type: 'float', low: 0, high: 1 } },
      search: { algorithm: 'random', trials: TRIALS, maxParallelism: TRIALS },
      confirm: { top: 0, seeds: 0 },
    }),
  );
  return id;
}
