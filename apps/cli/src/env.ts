import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';

/** Folder of the data sets, shared by every project of this user. */
export const defaultCacheDir = process.env.GRADSMITH_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gradsmith');

/** Folder of the embedded ledger, in the project. */
export const defaultDataDir = process.env.GRADSMITH_DATA ?? 'gradsmith-data';

/** Where `--server` points unless told. */
export const defaultServer = process.env.GRADSMITH_SERVER;

export const defaultSlots = Math.max(1, availableParallelism());
