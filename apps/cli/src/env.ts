import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';

/** Every environment variable the command reads, for `--help` and the documentation. */
export const variables: Readonly<Record<string, string>> = {
  GRADSMITH_SERVER: 'address of the service to talk to, such as http://localhost:8080 (else the ledger in --data)',
  GRADSMITH_API_KEY: 'key for that service',
  GRADSMITH_DATA: 'folder of the ledger of this project (gradsmith-data)',
  GRADSMITH_CACHE: 'folder of the data sets (~/.cache/gradsmith)',
  GRADSMITH_MODULES: 'folder of the modules a worker may run (none)',
  REDIS_URL: 'address of the Redis a worker takes its trials from',
  REDIS_PASSWORD_FILE: 'file with its password, instead of one in the address',
  REDIS_CA_FILE: 'file with the certificate authority of a rediss:// server, if it is not a public one',
  GRADSMITH_BACKEND: 'default of worker --backend',
  GRADSMITH_GPU: 'default of worker --gpu',
  GRADSMITH_SLOTS: 'default of worker --slots',
  GRADSMITH_WORKER_NAME: 'default of worker --name',
  GRADSMITH_LABELS: 'default of worker --labels',
  GRADSMITH_TRIAL_LEASE_MS: 'default of worker --trial-lease',
  MLFLOW_TRACKING_URI: 'default of export --mlflow',
  MLFLOW_TRACKING_TOKEN:
    'token for that server; or name and password: MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD',
  GRADSMITH_DEBUG: 'set to 1, faults of gradsmith itself are printed with their stack trace',
  GRADSMITH_ASCII: 'set to 1, as --ascii; also in a locale without UTF-8 (LC_ALL, LC_CTYPE or LANG) and with TERM=dumb',
  NO_COLOR: 'set to anything, the output has no color',
};

const env = process.env;
// An empty variable counts as not set, as for the processes of the service. Commander reads process.env, too.
for (const name of Object.keys(variables)) if (env[name] === '') delete env[name];

/** Folder of the data sets, shared by every project of this user. */
export const defaultCacheDir =
  env.GRADSMITH_CACHE ?? join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gradsmith');

/** Folder of the embedded ledger, in the project. */
export const defaultDataDir = env.GRADSMITH_DATA ?? 'gradsmith-data';

/** Default of `--server`. */
export const defaultServer = env.GRADSMITH_SERVER;
export const apiKey = env.GRADSMITH_API_KEY;

/** Folder of the modules that a worker may run. */
export const modulesFolder = env.GRADSMITH_MODULES;

export const redisUrl = env.REDIS_URL;
/** Files that belong to the address. */
export const redisFiles = {
  passwordFile: env.REDIS_PASSWORD_FILE,
  caFile: env.REDIS_CA_FILE,
};

/** Default of `--mlflow`. */
export const defaultMlflow = env.MLFLOW_TRACKING_URI;
/** The `Authorization` header for MLflow, from the variables that its own clients read. */
export const mlflowAuthorization = readMlflowAuthorization();

export const defaultSlots = Math.max(1, availableParallelism());

/** Whether the terminal understands escape sequences: without them nothing can be drawn in place. */
export const isDumb = env.TERM === 'dumb';

/** By default, ASCII is for terminals without more: old ones, and those in a locale without UTF-8. */
const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
let asciiOnly = Boolean(env.GRADSMITH_ASCII) || isDumb || (locale !== undefined && !/utf-?8/i.test(locale));

/** Whether texts for people are printed in ASCII and without color. JSON and files are not affected. */
export function isAsciiOnly(): boolean {
  return asciiOnly;
}

/** Applies --ascii. */
export function setAsciiOnly(): void {
  asciiOnly = true;
}

export const debug = Boolean(env.GRADSMITH_DEBUG);

function readMlflowAuthorization(): string | undefined {
  if (env.MLFLOW_TRACKING_TOKEN) return `Bearer ${env.MLFLOW_TRACKING_TOKEN}`;
  const { MLFLOW_TRACKING_USERNAME: name, MLFLOW_TRACKING_PASSWORD: password } = env;
  return name && password ? `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` : undefined;
}
