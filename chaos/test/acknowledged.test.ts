// A job whose 201 has arrived is there after kill −9 of the API and of Redis in the next moment.
import { freePort, jobSpec, startRedisServer } from '@gradsmith/testing';
import { expect, test } from 'vitest';
import { Product } from '../src/load/product.ts';

/** The long suite asks for 200. */
const KILLS = Number(process.env.GRADSMITH_TEST_KILLS ?? 10);

test(`${KILLS} acknowledged jobs of ${KILLS} survive the kill of API and Redis in the next millisecond`, async () => {
  const server = await startRedisServer(process.env);
  const delays: number[] = [];
  const acknowledged: string[] = [];
  let lost = 0;
  try {
    for (let kill = 0; kill <= KILLS; kill++) {
      const port = await freePort();
      const api = new Product('api', { REDIS_URL: server.url, GRADSMITH_PORT: String(port), LOG_LEVEL: 'info' });
      await api.said('Server listening');
      const base = `http://127.0.0.1:${port}/v1/jobs`;
      const last = acknowledged.at(-1);
      if (last && (await fetch(`${base}/${last}`)).status !== 200) lost += 1;
      if (kill === KILLS) {
        // Once more, all of them, after all the restarts.
        for (const id of acknowledged) if ((await fetch(`${base}/${id}`)).status !== 200) lost += 1;
        await api.end('SIGKILL');
        break;
      }
      const spec = jobSpec({ trials: 1 + kill });
      const response = await fetch(base, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': `kill-${kill}` }, body: JSON.stringify(spec) });
      const arrived = performance.now();
      process.kill(api.pid, 'SIGKILL');
      process.kill(server.pid, 'SIGKILL');
      delays.push(performance.now() - arrived);
      expect(response.status).toBe(201);
      acknowledged.push(response.headers.get('location')!.split('/').at(-1)!);
      await response.text().catch(() => '');
      await server.kill();
      await server.start();
    }
  } finally {
    await server.stop();
  }
  console.log(`${KILLS - lost} of ${KILLS} acknowledged jobs survived; killed ${Math.max(...delays).toFixed(2)} ms after the reply at the latest`);
  expect({ lost, acknowledged: new Set(acknowledged).size }).toEqual({ lost: 0, acknowledged: KILLS });
  expect(delays.sort((a, b) => a - b)[Math.floor(KILLS / 2)]).toBeLessThan(1);
});
