import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { Log } from '@gradsmith/core/ports';

/** Where leases are kept: one holder of a name at a time. */
export interface Leases {
  acquire(thing: string, owner: string, ms: number): Promise<boolean>;
  release(thing: string, owner: string): Promise<void>;
}

export interface LeasedGpus {
  /** What the trainer of a slot has to know. */
  trainerOptions(slot: number): { gpu?: true; cudaDevice?: string };
  release(): Promise<void>;
}

/** Slots that use what their backend finds. */
export const NO_GPUS: LeasedGpus = { trainerOptions: () => ({}), release: async () => {} };

/** Slots that share the GPU their backend finds; where it finds none they do not start. */
export const SHARED_GPU: LeasedGpus = { trainerOptions: () => ({ gpu: true }), release: async () => {} };

/** A worker that died gives its GPUs back after so long, ms; a shorter outage of Redis changes nothing. */
const LEASE_MS = 30_000;
const RENEW_MS = 5_000;

export interface LeaseOptions {
  log: Log;
  /** Told when another process has one of the GPUs, after an outage longer than the lease. */
  onLost(): void;
  /** The UUIDs of the GPUs that this process may see. */
  list?: () => Promise<string[]>;
}

/**
 * Takes one GPU of this machine for each slot, and keeps them by renewing their leases. The leases go by the GPUs'
 * UUIDs, which differ between machines and are the same in every container of one: so any number of workers share out a
 * machine's GPUs without knowing of each other.
 *
 * @throws Error where there are not so many, or others have them
 */
export async function leaseGpus(
  leases: Leases,
  slots: number,
  { log, onLost, list = listGpus }: LeaseOptions,
): Promise<LeasedGpus> {
  const owner = randomUUID();
  const all = await list();
  const taken: string[] = [];
  for (const gpu of all) {
    if (taken.length < slots && (await leases.acquire(leaseName(gpu), owner, LEASE_MS))) taken.push(gpu);
  }
  const releaseAll = () => Promise.all(taken.map((gpu) => leases.release(leaseName(gpu), owner)));
  if (taken.length < slots) {
    await releaseAll();
    throw new Error(
      `${slots} slot(s) ask for a GPU each, and ${taken.length} of the ${all.length} GPU(s) seen here are free. ` +
        'Start fewer workers, give them fewer slots (GRADSMITH_SLOTS), or wait until others have ended.',
    );
  }
  const renewal = setInterval(() => void renew(), RENEW_MS);
  async function renew(): Promise<void> {
    try {
      const kept = await Promise.all(taken.map((gpu) => leases.acquire(leaseName(gpu), owner, LEASE_MS)));
      if (kept.every(Boolean)) return;
      log.error({ gpus: taken }, 'another worker has a GPU of this one, after an outage longer than its lease');
      onLost();
    } catch (error) {
      log.warn({ err: error }, 'lease of the GPUs not renewed; trying again');
    }
  }
  log.info({ gpus: taken }, 'GPUs leased');
  return {
    trainerOptions: (slot) => ({ gpu: true, cudaDevice: taken[slot]! }),
    release: async () => {
      clearInterval(renewal);
      await releaseAll().catch((error: unknown) =>
        log.warn({ err: error }, 'GPUs not released; their leases will expire'),
      );
    },
  };
}

function leaseName(gpu: string): string {
  return `gpu:${gpu}`;
}

/** The UUIDs of the NVIDIA GPUs that the driver shows this process. @throws Error where there is none */
async function listGpus(): Promise<string[]> {
  const hint =
    'On a GPU host start it with docker-compose.gpu.yml; "gradsmith doctor" in this container says what is missing.';
  let output: string;
  try {
    ({ stdout: output } = await promisify(execFile)('nvidia-smi', ['--query-gpu=uuid', '--format=csv,noheader'], {
      timeout: 20_000,
    }));
  } catch (error) {
    throw new Error(
      `A GPU was asked for (GRADSMITH_GPU=lease), but nvidia-smi finds no driver: ` +
        `${(error as Error).message.split('\n')[0]}. ${hint}`,
      { cause: error },
    );
  }
  const gpus = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('GPU-') || line.startsWith('MIG-'));
  if (!gpus.length) throw new Error(`A GPU was asked for (GRADSMITH_GPU=lease), but the driver shows none. ${hint}`);
  return gpus;
}
