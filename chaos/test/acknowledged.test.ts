// A job that was acknowledged with 201 exists after API and Redis are killed in the next moment.
import { freePort, jobSpec, startRedisServer, waitUntil } from '@gradsmith/testing';
import { expect, test } from 'vitest';
import { ProductProcess } from '../src/load/product-process.ts';

/** Number of kills within a millisecond of the reply; the long suite sets 200. */
const KILLS = Number(process.env.GRADSMITH_TEST_KILLS ?? 10);
const IN_TIME_MS = 1;
/** On a busy machine many kills come late. They must lose nothing either, but do not count. */
const ATTEMPTS = 5 * KILLS;
/** API processes that are started ahead, because starting takes most of the time. */
const AHEAD = 6;

interface Api {
  process: ProductProcess;
  base: string;
  ready: Promise<void>;
}

async function startApi(redisUrl: string): Promise<Api> {
  const port = await freePort();
  const process = new ProductProcess('api', { REDIS_URL: redisUrl, GRADSMITH_PORT: String(port) });
  const ready = process.waitForOutput('Server listening', 300_000);
  ready.catch(() => {});
  return { process, base: `http://127.0.0.1:${port}/v1/jobs`, ready };
}

/** Repeats the request while the API answers 503, until Redis is back. */
async function requestUntilAvailable(request: () => Promise<Response>): Promise<Response> {
  return waitUntil(async () => {
    const response = await request();
    if (response.status !== 503) return response;
    await response.text();
    return null;
  }, 60_000);
}

test(`${KILLS} acknowledged jobs of ${KILLS} survive the kill of API and Redis in the next millisecond`, async () => {
  const server = await startRedisServer(process.env);
  const delays: number[] = [];
  const acknowledged: string[] = [];
  const lost: string[] = [];
  const inTime = (): number => delays.filter((ms) => ms < IN_TIME_MS).length;
  const apis = await Promise.all(Array.from({ length: AHEAD }, () => startApi(server.url)));
  const next = async (): Promise<Api> => {
    const api = apis.shift()!;
    await api.ready;
    return api;
  };
  try {
    for (let kill = 0; kill < ATTEMPTS && inTime() < KILLS; kill++) {
      const api = await next();
      const last = acknowledged.at(-1);
      if (last && (await requestUntilAvailable(() => fetch(`${api.base}/${last}`))).status !== 200) lost.push(last);
      const body = JSON.stringify(jobSpec({ trials: 1 + kill }));
      const headers = { 'content-type': 'application/json', 'idempotency-key': `kill-${kill}` };
      let arrived = 0;
      const response = await requestUntilAvailable(async () => {
        const reply = await fetch(api.base, { method: 'POST', headers, body });
        arrived = performance.now();
        if (reply.status === 201) {
          process.kill(server.pid, 'SIGKILL');
          process.kill(api.process.pid, 'SIGKILL');
          delays.push(performance.now() - arrived);
        }
        return reply;
      });
      expect(response.status).toBe(201);
      acknowledged.push(response.headers.get('location')!.split('/').at(-1)!);
      await response.text().catch(() => '');
      await server.kill();
      await server.start();
      apis.push(await startApi(server.url));
    }
    // Finally, reads all of them again after all the restarts.
    const last = await next();
    apis.push(last);
    const { base } = last;
    for (const id of acknowledged)
      if ((await requestUntilAvailable(() => fetch(`${base}/${id}`))).status !== 200) lost.push(id);
  } finally {
    await Promise.all(apis.map((api) => api.process.end('SIGKILL')));
    await server.stop();
  }
  const kills =
    `${inTime()} of ${delays.length} kills came within ${IN_TIME_MS} ms of the reply, the last within ` +
    `${Math.max(...delays).toFixed(2)} ms`;
  console.log(
    `${acknowledged.length - new Set(lost).size} of ${acknowledged.length} acknowledged jobs survived; ${kills}`,
  );
  expect({ lost, acknowledged: new Set(acknowledged).size }).toEqual({ lost: [], acknowledged: acknowledged.length });
  expect(inTime(), `${kills}; this machine is too busy`).toBe(KILLS);
});
