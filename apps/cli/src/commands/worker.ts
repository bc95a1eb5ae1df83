import { hostname } from 'node:os';
import { join } from 'node:path';
import type { BackendName, GpuMode } from '@gradsmith/training/process';
import { Option, type Command } from 'commander';
import { defaultCacheDir, defaultSlots, modulesFolder, redisFiles, redisUrl } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { slotsOption, trialLeaseOption } from '../options.ts';
import { groups, withExamples, withJson } from './define.ts';

/** Backends, as packages/training lists them. A test compares the two lists. */
export const backends = ['wasm', 'cpu', 'tensorflow', 'webgpu'] as const satisfies readonly BackendName[];

/** Uses of GPUs, as packages/training lists them. A test compares the two lists. */
export const gpuUses = ['auto', 'lease', 'require'] as const satisfies readonly GpuMode[];

interface WorkerCommandOptions {
  redis?: string;
  backend: BackendName;
  gpu: GpuMode;
  slots: number;
  name: string;
  labels: string;
  trialLease: number;
  cache?: string;
  modules?: string;
  json?: boolean;
  verbose?: boolean;
}

export function addWorker(program: Command): void {
  const command = withJson(
    program
      .command('worker')
      .helpGroup(groups.machine)
      .summary('lend this machine to a service')
      .description(
        "Starts a worker: it takes trials of a service's jobs from its Redis and trains them here, each in its own " +
          'process. Ctrl-C releases running trials. Any number may run.',
      ),
    'events, one a line: {event: "started" | "trial" | "stopped", …}',
  )
    .option('--redis <url>', "the service's Redis (default: $REDIS_URL)")
    .addOption(new Option('--backend <name>', 'what trains').env('GRADSMITH_BACKEND').choices(backends).default('wasm'))
    .addOption(
      new Option(
        '--gpu <use>',
        'auto: the device that the backend finds; require: the slots share a GPU, or the worker does not start; ' +
          'lease: each slot has its own NVIDIA GPU, or the worker does not start',
      )
        .env('GRADSMITH_GPU')
        .choices(gpuUses)
        .default('auto'),
    )
    .addOption(
      new Option('--slots <n>', 'trials trained at once')
        .env('GRADSMITH_SLOTS')
        .argParser(slotsOption)
        .default(defaultSlots, 'one for each processor'),
    )
    .addOption(
      new Option('--name <name>', 'what people call this worker')
        .env('GRADSMITH_WORKER_NAME')
        .default(hostname(), "the host's name"),
    )
    .addOption(
      new Option('--labels <names>', 'names that jobs can ask for, separated by commas')
        .env('GRADSMITH_LABELS')
        .default('', 'none'),
    )
    .addOption(
      new Option(
        '--trial-lease <ms>',
        'how long this worker may be silent before its trials go to another; the same as that of the coordinators',
      )
        .env('GRADSMITH_TRIAL_LEASE_MS')
        .argParser(trialLeaseOption)
        .default(30_000),
    )
    .option('--cache <folder>', 'folder of the data sets (default: ~/.cache/gradsmith)')
    .option(
      '--modules <folder>',
      "also run jobs' modules from here: objectives of your own, as NAME.ts, NAME.js or NAME.mjs; " +
        'each has as many slots again',
    )
    .option('--verbose', 'log what happens to standard error, as JSON')
    .action(
      async ({
        redis = redisUrl,
        backend,
        gpu,
        slots,
        name,
        labels,
        trialLease,
        cache = defaultCacheDir,
        modules = modulesFolder,
        json,
        verbose,
      }: WorkerCommandOptions) => {
        if (redis === undefined)
          throw new Failure(
            exitCodes.usage,
            'no-redis',
            'a worker needs the Redis of a service: say --redis redis://host:6379, or set ' +
              'REDIS_URL.\nTo run a job on this machine alone none is needed: gradsmith run FILE',
          );
        const { runRedisWorker } = await import('../machine/redis-worker.ts');
        process.exitCode = await runRedisWorker({
          settings: { url: redis, ...redisFiles },
          backend,
          gpu,
          slots,
          name,
          labels,
          trialLeaseMs: trialLease,
          cacheDir: cache,
          checkpointFolder: join(cache, 'checkpoints'),
          modules,
          json: json ?? false,
          verbose: verbose ?? false,
        });
      },
    );
  withExamples(
    command,
    'gradsmith worker --redis redis://localhost:6379 --slots 2',
    'gradsmith worker --redis redis://localhost:6379 --labels a100,big-memory',
    'gradsmith worker --redis redis://localhost:6379 --modules examples/modules',
  );
}
