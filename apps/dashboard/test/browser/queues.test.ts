import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startRedisService } from '../../../api/test/redis-service.ts';
import { TIMEOUT_MS, useDashboard } from './use-dashboard.ts';

const dashboard = useDashboard();

test('the board shows the message queues under the policy of the service', { timeout: TIMEOUT_MS }, async () => {
  const { page, complaints, see } = dashboard;
  const { app, ports } = await startRedisService();
  const worker = { id: 'w', name: 'w', runtime: 'wasm f32', backend: 'wasm', slots: 1, busy: [] };
  await ports.workers.announce(worker, 60_000);
  await ports.dispatcher.send({ id: 'job-0-0', jobId: 'job', trialId: '0', queue: 'wasm f32' });
  const { port } = app.server.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/queues`);
  await see('a', 'wasm');
  // The board asks for a font of another host and adds a style element, and does without them.
  expect(complaints.filter((text) => !/fonts\.googleapis|Applying inline style/.test(text))).toEqual([]);
  complaints.length = 0;
});
