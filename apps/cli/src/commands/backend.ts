import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { InstallableBackend } from '@gradsmith/training/install';
import { Argument, type Command } from 'commander';
import { defaultCacheDir } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { Meter } from '../meter.ts';
import { print, printJson, say } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';

/** Backends that can be installed, as packages/training lists them. A test compares the two lists. */
export const installable = ['tensorflow', 'webgpu'] as const satisfies readonly InstallableBackend[];

interface BackendOptions {
  cache?: string;
  measure: boolean;
  json?: boolean;
}

export function addBackend(program: Command): void {
  const command = withJson(
    program
      .command('backend')
      .helpGroup(groups.machine)
      .summary('list the backends and how fast they train here')
      .description(
        'Starts every backend that TensorFlow.js has here and times it at real trainings; convolutions ' +
          'where MNIST is in the cache.',
      ),
    '{items: [{name, usable, detail, examplesPerSecond}]}',
  )
    .option('--cache <folder>', 'folder of data sets and installed backends (default: ~/.cache/gradsmith)')
    .option('--no-measure', 'only start them')
    .action(async ({ cache = defaultCacheDir, measure, json }: BackendOptions) => {
      const [{ reportBackends }, { cachedDataSets }] = await Promise.all([
        import('../machine/measure.ts'),
        import('./data.ts'),
      ]);
      const cached = (await cachedDataSets(cache)).filter((set) => set.cached).map(({ name }) => name);
      const meter = new Meter('backends');
      const items = await reportBackends({ cacheDir: cache, cached, measure, onStep: (what) => meter.write(what) });
      meter.end();
      if (json) return printJson({ items });
      for (const { name, usable, detail, examplesPerSecond } of items) {
        print(`${name.padEnd(12)} ${usable ? detail : `not here: ${detail}`}`);
        for (const [what, speed] of Object.entries(examplesPerSecond))
          print(`${''.padEnd(12)} ${speed.toLocaleString('en')} training examples a second, ${what}`);
      }
      if (measure && !cached.includes('mnist'))
        say('with MNIST in the cache (gradsmith data mnist) convolutions are measured, too');
    });
  withExamples(command, 'gradsmith backend', 'gradsmith backend --no-measure --json');
  // Options after `install` belong to that command.
  addInstall(command.enablePositionalOptions());
}

function addInstall(backend: Command): void {
  const command = withJson(
    backend
      .command('install')
      .summary('install an optional backend')
      .description(
        "Installs a backend into the cache, once it has trained a network. tensorflow: fetches TensorFlow.js's " +
          "addon with npm and TensorFlow's libraries with pip (270 MB) and compiles the addon; needs a C++ " +
          'compiler with make, and Python 3. webgpu: fetches Dawn with npm; needs a Vulkan driver.',
      )
      .addArgument(new Argument('<name>', 'the backend').choices(installable)),
    '{backend, version, cache}',
  )
    .option('--from <file>', "tensorflow's libraries: the C library's folder or archive, or a wheel, instead of pip")
    .option(
      '--gpu',
      'tensorflow: the package for NVIDIA GPUs (600 MB), which needs CUDA and cuDNN; webgpu: install it only if it ' +
        'trains on a GPU',
    )
    .option('--cache <folder>', 'folder of data sets and installed backends (default: ~/.cache/gradsmith)')
    .action(
      async (
        name: InstallableBackend,
        { from, gpu, cache = defaultCacheDir, json }: { from?: string; gpu?: boolean; cache?: string; json?: boolean },
      ) => {
        // The installation takes minutes, so a wrong path is found before it starts.
        if (from !== undefined && !existsSync(from))
          throw new Failure(exitCodes.notFound, 'not-found', `${from} does not exist; check the path`);
        const { installBackend } = await import('@gradsmith/training/install');
        const version = await installBackend(name, {
          cacheDir: cache,
          gpu,
          from: from === undefined ? undefined : resolve(from),
          onStep: (step) => say(`${step} …`),
        }).catch((error: unknown) => {
          throw new Failure(exitCodes.failed, 'not-installed', (error as Error).message, { cause: error });
        });
        if (json) printJson({ backend: name, version, cache });
        else
          print(
            `${name} ${version} is ready in ${cache}; jobs use it with "backend: ${name}", and with ` +
              `"auto" where it is the fastest`,
          );
      },
    );
  withExamples(
    command,
    'gradsmith backend install tensorflow',
    'gradsmith backend install tensorflow --gpu',
    'gradsmith backend install tensorflow --from libtensorflow.tar.gz',
    'gradsmith backend install webgpu',
  );
}
