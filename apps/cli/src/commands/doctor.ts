import type { Command } from 'commander';
import { defaultCacheDir, defaultDataDir, defaultServer, redisFiles, redisUrl } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Check } from '../machine/check.ts';
import { showMeter } from '../meter.ts';
import { print, printJson } from '../output.ts';
import { paint, type Style } from '../text/style.ts';
import { groups, withExamples, withJson } from './define.ts';

interface DoctorOptions {
  data?: string;
  cache?: string;
  redis?: string;
  server?: string;
  json?: boolean;
}

export function addDoctor(program: Command): void {
  const command = withJson(
    program
      .command('doctor')
      .helpGroup(groups.machine)
      .summary('check this machine and say what to do')
      .description(
        'Checks Node, memory, disk, ledger, data sets, backends, GPU, Docker, and the Redis and the ' +
          'service that are named. Each line says what was found and, where something is to be done, ' +
          'what.',
      ),
    '{healthy, checks: [{name, state, found, remedy}]}',
  )
    .option('--data <folder>', 'folder of the ledger (default: gradsmith-data)')
    .option('--cache <folder>', 'folder of the data sets (default: ~/.cache/gradsmith)')
    .option('--redis <url>', 'Redis to look at (default: $REDIS_URL)')
    .option('--server <url>', 'service to look at (default: $GRADSMITH_SERVER)')
    .action(
      async ({
        data = defaultDataDir,
        cache = defaultCacheDir,
        redis = redisUrl,
        server = defaultServer,
        json,
      }: DoctorOptions) => {
        const checks = await showMeter('looking around', examineMachine({ data, cache, redis, server }));
        const healthy = checks.every(({ state }) => state !== 'bad');
        process.exitCode = healthy ? exitCodes.done : exitCodes.failed;
        if (json) return printJson({ healthy, checks });
        const width = Math.max(...checks.map(({ name }) => name.length));
        for (const { name, state, found, remedy } of checks) {
          print(`${paint(styles[state], marks[state])} ${name.padEnd(width)}  ${found}`);
          if (remedy) print(`  ${''.padEnd(width)}  → ${remedy}`);
        }
        print(healthy ? 'ready' : 'not everything is as it should be');
      },
    );
  withExamples(command, 'gradsmith doctor', 'gradsmith doctor --redis redis://localhost:6379 --json');
}

const marks: Record<Check['state'], string> = { ok: '✓', note: '·', bad: '✗' };
const styles: Record<Check['state'], Style> = { ok: 'good', note: 'dim', bad: 'bad' };

async function examineMachine({
  data,
  cache,
  redis,
  server,
}: {
  data: string;
  cache: string;
  redis: string | undefined;
  server: string | undefined;
}): Promise<Check[]> {
  const [system, service, training] = await Promise.all([
    import('../machine/system-checks.ts'),
    import('../machine/service-checks.ts'),
    import('../machine/training-checks.ts'),
  ]);
  const gpu = await import('../machine/gpu-checks.ts');
  const settings = redis === undefined ? null : { url: redis, ...redisFiles };
  const checks = await Promise.all([
    system.checkNode(),
    system.checkMachine(),
    system.checkDisk('Disk, ledger', data, settings !== null),
    system.checkDisk('Disk, data sets', cache, settings !== null),
    service.checkLedger(data),
    training.checkDataSets(cache),
    training.checkBackends(cache),
    gpu.checkGpu(cache),
    system.checkDocker(),
    service.checkRedis(settings),
    service.checkServer(server),
  ]);
  return checks.flat();
}
