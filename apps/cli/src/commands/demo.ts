import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { defaultCacheDir, defaultDataDir, defaultSlots } from '../env.ts';
import { readJobFile } from '../job-file.ts';
import { fetchData } from './data.ts';
import { runJob } from './run.ts';

const demoFile = fileURLToPath(new URL('../../../../examples/demo.yaml', import.meta.url));

export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('a real search on MNIST in a few minutes')
    .description('Fetches MNIST, searches a b-function for one layer of a small network on this machine, confirms it under fresh seeds and writes a report.')
    .option('--data <folder>', 'folder of the ledger', defaultDataDir)
    .option('--cache <folder>', 'folder of the data sets', defaultCacheDir)
    .addHelpText('after', '\nExample:\n  npm run demo')
    .action(async ({ data, cache }: { data: string; cache: string }) => {
      await fetchData('mnist', cache);
      process.exitCode = await runJob(readJobFile(demoFile), { data, cache, slots: defaultSlots, report: join(data, 'demo.html') });
    });
}
