import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Proxy } from '../src/cast/proxy.ts';

test('a wire that gets faster delivers what it held back first', async () => {
  const heard: Buffer[] = [];
  const server = createServer((socket) => socket.on('data', (data) => heard.push(data))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wire = await Proxy.to((server.address() as AddressInfo).port);
  const client = connect(wire.port, '127.0.0.1');
  onTestFinished(() => {
    client.destroy();
    wire.close();
    server.close();
  });
  await once(client, 'connect');
  wire.slow(150);
  client.write('1');
  await delay(30);
  wire.slow(0);
  client.write('2');
  await expect.poll(() => Buffer.concat(heard).toString()).toBe('12');
});
