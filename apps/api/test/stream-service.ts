// The API as a process whose memory many-streams.test.ts watches: `node stream-service.ts REDIS_URL PREFIX KEYS_FILE`.
import { Ledger } from '@gradsmith/core/ledger';
import { connectRedis } from '@gradsmith/redis';
import { pino } from 'pino';
import { buildApi } from '../src/index.ts';
import { KeyRing } from '../src/keys/key-ring.ts';

const SAMPLE_MS = 50;
const silent = pino({ level: 'silent' });

const [redisUrl, prefix, keysFile] = process.argv.slice(2) as [string, string, string];
const ports = await connectRedis({ url: redisUrl, prefix }, silent);
const app = await buildApi(
  { ledger: new Ledger(ports.store), workers: ports.workers, signals: ports.signals },
  silent,
  {
    perMinute: 1e9,
    keys: new KeyRing(keysFile, silent),
    maxStreams: 2_001,
    maxStreamsPerCaller: 200,
  },
);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
let peak = process.memoryUsage.rss();
setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_MS);
process.on('message', () => {
  process.send!({ peak });
  peak = process.memoryUsage.rss();
});
process.send!({ url });
