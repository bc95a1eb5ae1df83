import type { Command } from 'commander';
import { defaultDataDir, defaultServer } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Host } from './host.ts';

export interface HostOptions {
  data: string | undefined;
  server: string | undefined;
}

/** Adds `--data` and `--server`, which say where the jobs are. */
export function withHost(command: Command): Command {
  return command
    .option('--data <folder>', 'the ledger in this folder (default: gradsmith-data)')
    .option('--server <url>', 'the service at this address (default: $GRADSMITH_SERVER)');
}

/** Chooses the host: options of the command first, then the environment, then the ledger of this folder. */
export function chooseHost({
  data,
  server,
}: Partial<HostOptions>): { server: string; isDefault: boolean } | { data: string; isDefault: boolean } {
  if (server !== undefined && data !== undefined) {
    const message = 'Give either --data or --server: a job is in the ledger of a folder, or in that of a service.';
    throw new Failure(exitCodes.usage, 'bad-option', message);
  }
  if (server !== undefined) return { server, isDefault: false };
  if (data !== undefined) return { data, isDefault: false };
  return defaultServer === undefined
    ? { data: defaultDataDir, isDefault: true }
    : { server: defaultServer, isDefault: true };
}

/** Opens the host, does the work with it and closes it. */
export async function withOpenHost<T>(options: Partial<HostOptions>, work: (host: Host) => Promise<T>): Promise<T> {
  const host = await openHost(options);
  try {
    return await work(host);
  } finally {
    await host.close();
  }
}

async function openHost(options: Partial<HostOptions>): Promise<Host> {
  const place = chooseHost(options);
  if ('server' in place) {
    const { ServerHost } = await import('./server-host.ts');
    return new ServerHost(place.server, place.isDefault);
  }
  const { EmbeddedHost } = await import('./embedded-host.ts');
  return EmbeddedHost.open(place.data, place.isDefault);
}
