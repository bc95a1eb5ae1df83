import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Proxy } from '../src/cluster/proxy.ts';

test('keeps the order of data when the delay becomes shorter', async () => {
  const received: Buffer[] = [];
  const server = createServer((socket) => socket.on('data', (data) => received.push(data))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await Proxy.to((server.address() as AddressInfo).port);
  const client = connect(proxy.port, '127.0.0.1');
  onTestFinished(() => {
    client.destroy();
    proxy.close();
    server.close();
  });
  await once(client, 'connect');
  proxy.slow(150);
  client.write('1');
  await delay(30);
  proxy.slow(0);
  client.write('2');
  await expect.poll(() => Buffer.concat(received).toString(), { timeout: 10_000 }).toBe('12');
});
