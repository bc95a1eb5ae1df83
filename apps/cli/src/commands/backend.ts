import type { Command } from 'commander';
import { defaultCacheDir } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { Meter } from '../meter.ts';
import { print, printJson, say } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';

interface BackendOptions {
  cache?: string;
  measure: boolean;
  json?: boolean;
}

export function addBackend(program: Command): void {
  const command = withJson(program.command('backend').helpGroup(groups.machine).summary('list the backends and how fast they train here')
    .description('Starts every backend that TensorFlow.js has here and times it at real trainings; convolutions where MNIST is in the cache.')
    .enablePositionalOptions(), '{items: [{name, usable, detail, examplesPerSecond}]}')
    .option('--cache <folder>', 'folder of data sets and installed backends (default: ~/.cache/gradsmith)')
    .option('--no-measure', 'only start them')
    .action(async ({ cache = defaultCacheDir, measure, json }: BackendOptions) => {
      const [{ reportBackends }, { cachedDataSets }] = await Promise.all([import('../machine/measure.ts'), import('./data.ts')]);
      const cached = (await cachedDataSets(cache)).filter((set) => set.cached).map(({ name }) => name);
      const meter = new Meter('backends');
      const items = await reportBackends({ cacheDir: cache, cached, measure, onStep: (what) => meter.write(what) });
      meter.end();
      if (json) return printJson({ items });
      for (const { name, usable, detail, examplesPerSecond } of items) {
        print(`${name.padEnd(12)} ${usable ? detail : `not here: ${detail}`}`);
        for (const [what, speed] of Object.entries(examplesPerSecond)) print(`${''.padEnd(12)} ${speed.toLocaleString('en')} training examples a second, ${what}`);
      }
      if (measure && !cached.includes('mnist')) say('with MNIST in the cache (gradsmith data mnist) convolutions are measured, too');
    });
  withExamples(command, 'gradsmith backend', 'gradsmith backend --no-measure --json');
  const install = command.command('install').summary('install an optional backend')
    .description('Installs a backend that is not part of gradsmith, such as native TensorFlow, into the cache.')
    .argument('<name>', 'the backend, such as tensorflow')
    .option('--cache <folder>', 'folder of data sets and installed backends (default: ~/.cache/gradsmith)')
    .action(async (name: string, { cache = defaultCacheDir }: { cache?: string }) => {
      const { installBackend } = await import('../machine/install-backend.ts');
      const code = await installBackend(name, cache);
      process.exitCode = code === 0 ? exitCodes.done : exitCodes.failed;
    });
  withExamples(install, 'gradsmith backend install tensorflow');
}
