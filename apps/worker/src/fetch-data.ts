// Fills the data cache, for a container that runs once: `node apps/worker/src/fetch-data.ts mnist[,cifar10…]`, or
// `… NAME --from FOLDER` for the official files in a folder, or for a data set of the operator's own.
import { parseArgs } from 'node:util';
import { importDataSet, prepareDataSet, storedDataSetNames } from '@gradsmith/training/data';
import { pino } from 'pino';
import { dataEnv } from './env.ts';

const log = pino({ name: 'data' });
const stored = storedDataSetNames.join(', ');

function readArguments(): { names: string[]; folder: string | undefined } {
  try {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: { from: { type: 'string' } } });
    const names = positionals.flatMap((text) => text.split(',')).filter(Boolean);
    const unknown = names.filter((name) => !storedDataSetNames.some((known) => known === name));
    if (!names.length) throw new Error('name a data set');
    if (values.from !== undefined && names.length > 1) throw new Error('a folder holds one data set; name one');
    if (values.from === undefined && unknown.length)
      throw new Error(`${unknown.join(', ')} cannot be fetched; for a data set of your own, add --from FOLDER`);
    return { names, folder: values.from };
  } catch (error) {
    log.fatal(
      `${(error as Error).message}. Usage: fetch-data.ts NAME[,NAME…] with names out of ${stored}, ` +
        'or fetch-data.ts NAME --from FOLDER',
    );
    process.exit(2);
  }
}

const { names, folder } = readArguments();
const { GRADSMITH_CACHE: cacheDir } = dataEnv();
for (const name of names) {
  const known = storedDataSetNames.find((each) => each === name);
  const adding = known
    ? prepareDataSet(known, { cacheDir, folder })
    : importDataSet(name, { cacheDir, folder: folder! });
  const { train, test } = await adding.catch((error: Error) => {
    log.fatal(error.message);
    process.exit(1);
  });
  log.info({ name, train, test }, 'data set is in the cache');
}
