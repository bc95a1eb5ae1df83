import { z } from 'zod';
import { envSchema as apiEnv } from '../../api/src/env.ts';
import { envSchema as coordinatorEnv } from '../../coordinator/src/env.ts';
import { envSchema as workerEnv } from '../../worker/src/env.ts';
import { listFields, typeText, type Field, type Schema } from './schema-fields.ts';

/** The environment of each process. */
export const environments = { api: apiEnv, coordinator: coordinatorEnv, worker: workerEnv };

/** Variables that the Compose files do not pass on, by process and name, with the reason. */
export const notInCompose: Readonly<Record<string, string>> = {
  'api GRADSMITH_HOST': 'the image sets it to 0.0.0.0, and Compose publishes the port on this host only',
  'api GRADSMITH_PORT': 'the image sets it to 8080; in the Compose files, `GRADSMITH_PORT` is the port of the host',
  'api GRADSMITH_DASHBOARD': 'the web page is in the image',
  'coordinator GRADSMITH_ALIVE_FILE': 'the image sets it, and its health check reads that file',
  'worker GRADSMITH_ALIVE_FILE': 'the image sets it, and its health check reads that file',
  'worker GRADSMITH_BACKEND': 'each image has one backend; `GRADSMITH_WORKER` names the image',
  'worker GRADSMITH_CACHE': 'the image sets it to the folder where Compose mounts the data sets',
  'worker GRADSMITH_WORKER_NAME': 'all workers would have the same name; by default it is the id of the container',
};

/** Variables that only the Compose files and `redis` read: name, default and meaning. */
const composeVariables: readonly [name: string, fallback: string, meaning: string][] = [
  ['GRADSMITH_VERSION', '`latest`', 'Tag of the images'],
  ['GRADSMITH_PORT', '`8080`', 'Port of this host on which the API answers'],
  ['GRADSMITH_DATASETS', '`mnist`', 'Data sets that are fetched before the first trial, separated by commas'],
  ['GRADSMITH_WORKER', '`wasm`', 'What trains: `wasm` or `tensorflow`'],
  ['GRADSMITH_WORKER_MEMORY', '`5g`; `12g` on NVIDIA GPUs', 'Memory limit of each worker'],
  ['GRADSMITH_WORKER_CPUS', '`0`, no limit', 'Processors of each worker'],
  ['GRADSMITH_API_MEMORY', '`768m`', 'Memory limit of each `api`'],
  ['GRADSMITH_COORDINATOR_MEMORY', '`1g`', 'Memory limit of each coordinator'],
  ['GRADSMITH_LEDGER_MAXMEMORY', '`768mb`', '`redis`: size of the ledger, from which on it refuses new jobs'],
  ['GRADSMITH_LEDGER_MEMORY', '`1536m`', 'Memory limit of `redis`; at least twice the size of the ledger'],
  ['GRADSMITH_REDIS_URL', '**required**', '`docker-compose.redis.yml`: address of another Redis'],
  ['GRADSMITH_WORKER_REDIS_URL', '**required**', '`docker-compose.redis.yml`: its address for workers'],
  ['GRADSMITH_REDIS_SECRETS', '**required**', '`docker-compose.redis.yml`: folder with its passwords'],
  ['GRADSMITH_REDIS_CA_FILE', 'none', '`docker-compose.redis.yml`: its certificate authority, as mounted'],
  ['GRADSMITH_REDIS_NETWORK', '`gradsmith-redis`', '`docker-compose.redis.yml`: network from which it is reached'],
  ['GRADSMITH_GPU_WHEEL_SHA256', 'none', '`docker-compose.gpu.yml`: hash that the wheel of TensorFlow must have'],
  ['GRADSMITH_DRI', '`/dev/dri`', '`docker-compose.webgpu.yml`: device of the GPU'],
  ['GRADSMITH_RENDER_GROUP', '`0`', '`docker-compose.webgpu.yml`: group to which the device belongs'],
  ['GRADSMITH_PROMETHEUS_PORT', '`9090`', '`docker-compose.observability.yml`: port of Prometheus'],
  ['GRADSMITH_GRAFANA_PORT', '`3000`', '`docker-compose.observability.yml`: port of Grafana'],
  ['GRADSMITH_METRICS_KEPT', '`30d`', '`docker-compose.observability.yml`: how long metrics are kept'],
  ['PROMETHEUS_IMAGE', 'a pinned version', '`docker-compose.observability.yml`: image of Prometheus'],
  ['GRAFANA_IMAGE', 'a pinned version', '`docker-compose.observability.yml`: image of Grafana'],
];

/** Returns the text of docs/settings.md: every environment variable that an operator may set. */
export function settingsDocs(): string {
  const fields = Object.entries(environments).map(([process, schema]) => ({
    process,
    fields: listFields(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema),
  }));
  const isShared = ({ name }: Field): boolean =>
    Object.values(environments).every((schema) => Object.hasOwn(schema.shape, name));
  const sections = fields.map(
    ({ process, fields: all }) => `## ${titles[process]}\n\n${fieldTable(all.filter((field) => !isShared(field)))}`,
  );
  return `${[
    intro,
    `## Every process\n\n${fieldTable(fields[0]!.fields.filter(isShared))}`,
    ...sections,
    composeText,
    table(
      ['variable', 'default', 'meaning'],
      composeVariables.map(([name, ...cells]) => [`\`${name}\``, ...cells]),
    ),
    exceptionsText,
    table(
      ['process', 'variable', 'reason'],
      Object.entries(notInCompose).map(([key, reason]) => {
        const [process, name] = key.split(' ');
        return [process!, `\`${name}\``, reason];
      }),
    ),
  ].join('\n\n')}\n`;
}

const titles: Readonly<Record<string, string>> = { api: 'API', coordinator: 'Coordinator', worker: 'Worker' };

function fieldTable(fields: readonly Field[]): string {
  return table(
    ['variable', 'takes', 'default', 'meaning'],
    fields.map((field) => {
      const { name, schema, required } = field;
      if (schema.description === undefined) throw new Error(`${name} has no description in the schema of its process`);
      // A default that depends on the machine is described in words.
      const [meaning, words] = schema.description.split(/\. By default /);
      const inSchema = schema.default === undefined ? 'none' : `\`${String(schema.default)}\``;
      return [`\`${name}\``, typeText(schema), required ? '**required**' : (words ?? inSchema), meaning!];
    }),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

const intro = `# Settings

<!-- Written by \`pnpm docs:write\` from the schemas of the processes. Change those, not this file. -->

These are the environment variables of the service. Each process checks its variables when it starts, and names every
one that is missing or wrong. An empty variable counts as not set.

With Compose, set them in the environment or in a file \`.env\` next to \`docker-compose.yml\`;
[operations](operations.md) explains how they are used. With Kubernetes, \`api.extraEnv\`, \`coordinator.extraEnv\` and
\`env\` of a pool of workers set them ([Kubernetes](kubernetes.md)). The command line has [its own](cli.md).`;

const composeText = `## Compose

The Compose files have these variables in addition. \`docker-compose.yml\` reads those without a file name. A file that
a variable names must be mounted into the container. \`GRADSMITH_AUTH\` is \`open-behind-proxy\` by default, because the
port is open to this host only. \`GRADSMITH_CHECKPOINTS\` and \`GRADSMITH_ARCHIVE\` are folders in the volumes
\`checkpoints\` and \`archive\`.`;

const exceptionsText = 'The Compose files do not pass on these variables of the processes:';
