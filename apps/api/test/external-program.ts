// A program outside: asks, works a moment, tells, until the job has ended. Prints a line for each trial it begins and
// tells. The trial in which it is to be killed, counted from 1, takes it a minute.
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

for (let begun = 1; ;) {
  const attempt = randomUUID();
  const asked = await post<{ answer: string; trial: string; point: { x: number } }>('/ask', {
    attempt,
    lease,
    wait: '2s',
    worker: `program-${process.pid}`,
  });
  if (asked.answer === 'finished') break;
  if (asked.answer === 'wait') continue;
  console.log(`begun ${asked.trial}`);
  await delay(begun === Number(dyingIn) ? 60_000 : 30);
  begun += 1;
  const { answer } = await post<{ answer: string }>(`/trials/${asked.trial}/tell`, { attempt, value: asked.point.x });
  console.log(`${answer} ${asked.trial}`);
}
