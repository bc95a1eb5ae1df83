import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

/** Connections of the watchers, as many as the same number of browsers would open. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export async function sendRequest(
  url: string,
  method: 'GET' | 'POST',
  body?: object,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, agent, headers: body && { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}

/** Calls `act` at a constant rate for `seconds` and waits for all calls. `due` is the planned start of a call. */
export async function callAtRate(
  perSecond: number,
  seconds: number,
  act: (i: number, due: number) => Promise<void>,
): Promise<void> {
  const start = performance.now();
  const total = perSecond * seconds;
  const running: Promise<void>[] = [];
  for (let i = 0; i < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * perSecond) + 1);
    for (; i < due; i++) running.push(act(i, start + (i / perSecond) * 1000));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(running);
}

export interface Watched {
  /** Time from each request's planned start to its complete answer, ms. */
  latencies: number[];
  failures: number;
}

/** Sends status requests for all jobs in turn. */
export async function watchStatus(
  url: string,
  jobs: readonly string[],
  perSecond: number,
  seconds: number,
): Promise<Watched> {
  const latencies: number[] = [];
  let failures = 0;
  await callAtRate(perSecond, seconds, async (i, due) => {
    const ok = await sendRequest(`${url}/v1/jobs/${jobs[i % jobs.length]}/status`, 'GET').then(
      ({ status }) => status === 200,
      () => false,
    );
    if (!ok) failures += 1;
    latencies.push(performance.now() - due);
  });
  return { latencies, failures };
}

/** Completes trials of the jobs in turn, as external programs do. Returns the number of completed trials. */
export async function finishTrials(
  url: string,
  jobs: readonly string[],
  perSecond: number,
  seconds: number,
): Promise<number> {
  let finished = 0;
  await callAtRate(perSecond, seconds, async (i) => {
    const base = `${url}/v1/jobs/${jobs[(i * 7) % jobs.length]}`;
    const attempt = randomUUID();
    const asked = JSON.parse((await sendRequest(`${base}/ask`, 'POST', { attempt, wait: '2s' })).text) as {
      answer: string;
      trial: string;
      point: { x: number };
    };
    if (asked.answer !== 'trial') return;
    const completed = JSON.parse(
      (await sendRequest(`${base}/trials/${asked.trial}/tell`, 'POST', { attempt, value: asked.point.x })).text,
    ) as { answer: string };
    if (completed.answer === 'reported') finished += 1;
  });
  return finished;
}

export function computeQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
