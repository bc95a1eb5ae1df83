// Fills the data cache, for a container that runs once: `node apps/worker/src/fetch-data.ts mnist[,cifar10…]`.
import { prepareDataSet, storedDataSetNames, type StoredDataSetName } from '@gradsmith/training/data';
import { pino } from 'pino';
import { z } from 'zod';
import { dataEnv } from './env.ts';

const log = pino({ name: 'data' });
const names = z
  .array(z.enum(storedDataSetNames as [StoredDataSetName, ...StoredDataSetName[]]))
  .safeParse((process.argv[2] ?? '').split(','));
if (!names.success) {
  log.fatal(`usage: fetch-data.ts NAME[,NAME…] with names out of ${storedDataSetNames.join(', ')}`);
  process.exit(2);
}
for (const name of names.data) {
  const { train, test } = await prepareDataSet(name, { cacheDir: dataEnv().GRADSMITH_CACHE });
  log.info({ name, train, test }, 'data set is in the cache');
}
