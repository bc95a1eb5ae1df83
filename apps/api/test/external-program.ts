// An external program: asks, works for a moment, and tells, until the job has finished. Prints a line for each trial it
// starts and completes. The trial in which it will be killed, counted from 1, takes it a minute.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

const [url, job, lease, dyingIn] = process.argv.slice(2) as [string, string, string, string];

async function post<T>(path: string, body: object): Promise<T> {
  const response = await fetch(`${url}/v1/jobs/${job}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

for (let count = 1; ;) {
  const attempt = randomUUID();
  const answered = await post<{ answer: string; trial: string; point: { x: number } }>('/ask', {
    attempt,
    lease,
    wait: '2s',
    worker: `program-${process.pid}`,
  });
  if (answered.answer === 'finished') break;
  if (answered.answer === 'wait') continue;
  console.log(`started ${answered.trial}`);
  await delay(count === Number(dyingIn) ? 60_000 : 30);
  count += 1;
  const { answer } = await post<{ answer: string }>(`/trials/${answered.trial}/tell`, {
    attempt,
    value: answered.point.x,
  });
  console.log(`${answer} ${answered.trial}`);
}
