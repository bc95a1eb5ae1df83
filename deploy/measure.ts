// node deploy/measure.ts TAG [TARGET…]: a table of the images' sizes and of how long each takes from `docker run` to
// its work: the API until it is ready, the others until they say that they have started. The median of three cold
// starts.
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const STARTS = 3;
const PATIENCE_MS = 120_000;
const network = `gradsmith-measure-${process.pid}`;
const [tag = 'latest', ...chosen] = process.argv.slice(2);
const started: Record<string, RegExp | null> = {
  api: /listening/i,
  coordinator: /coordinator started/,
  'worker-wasm': /worker started/,
  'worker-tensorflow': /worker started/,
  'worker-webgpu': /worker started/,
  ledger: /Ready to accept connections/,
  // Runs once.
  data: null,
};

function runDocker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Seconds until the container has written the line that it writes when it starts. */
async function coldStart(image: string, line: RegExp, command: readonly string[]): Promise<number> {
  const start = performance.now();
  const id = runDocker(
    'run',
    '--detach',
    '--network',
    network,
    '--read-only',
    '--tmpfs',
    '/tmp',
    '--env',
    'REDIS_URL=redis://redis:6379',
    '--env',
    'GRADSMITH_AUTH=open-behind-proxy',
    image,
    ...command,
  );
  try {
    while (!line.test(execFileSync('sh', ['-c', `docker logs ${id} 2>&1`], { encoding: 'utf8' }))) {
      if (performance.now() - start > PATIENCE_MS)
        throw new Error(`${image} has not started within ${PATIENCE_MS / 1000} s: ${runDocker('logs', id)}`);
      await delay(50);
    }
    return (performance.now() - start) / 1000;
  } finally {
    runDocker('rm', '--force', '--volumes', id);
  }
}

const durable = [
  'redis-server',
  '--bind',
  '0.0.0.0',
  '--protected-mode',
  'no',
  '--dir',
  '/tmp',
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--maxmemory-policy',
  'noeviction',
];
runDocker('network', 'create', network);
const redis = runDocker(
  'run',
  '--detach',
  '--network',
  network,
  '--network-alias',
  'redis',
  `gradsmith-ledger:${tag}`,
  ...durable,
);
try {
  console.log('| image | size, MB | of it above its base, MB | cold start, s |\n|---|---|---|---|');
  for (const [target, line] of Object.entries(started)) {
    if (chosen.length && !chosen.includes(target)) continue;
    const image = `gradsmith-${target}:${tag}`;
    const base = target === 'ledger' ? 'redis:7-bookworm' : 'debian:bookworm-slim';
    const [size, below] = [image, base].map((name) =>
      Number(runDocker('image', 'inspect', '--format', '{{.Size}}', name)),
    );
    const seconds: number[] = [];
    if (line)
      for (let n = 0; n < STARTS; n++) seconds.push(await coldStart(image, line, target === 'ledger' ? durable : []));
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
    console.log(
      `| ${target} | ${megabytes(size!)} | ${megabytes(size! - below!)} | ` +
        `${seconds.toSorted((a, b) => a - b)[1]?.toFixed(1) ?? ''} |`,
    );
  }
} finally {
  runDocker('rm', '--force', '--volumes', redis);
  runDocker('network', 'rm', network);
}
