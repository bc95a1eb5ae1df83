import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { Log } from '@gradsmith/core/ports';

/** Stores leases: each name has one owner at a time. */
export interface Leases {
  acquire(thing: string, owner: string, ms: number): Promise<boolean>;
  release(thing: string, owner: string): Promise<void>;
}

/**
 * How a worker uses GPUs (`GRADSMITH_GPU`).
 *
 * - `auto`: as the backend finds
 * - `lease`: every slot has its own NVIDIA GPU, or the worker does not start
 * - `require`: the slots share the GPU that the backend finds, or the worker does not start
 */
export const gpuModes = ['auto', 'lease', 'require'] as const;
export type GpuMode = (typeof gpuModes)[number];

export interface ClaimedGpus {
  /** Returns the options for the trainer of a slot. */
  trainerOptions(slot: number): { gpu?: true; cudaDevice?: string };
  release(): Promise<void>;
}

/** Slots that use the device that their backend finds. */
const NO_GPUS: ClaimedGpus = { trainerOptions: () => ({}), release: async () => {} };

/** Slots that share the GPU that their backend finds. They do not start if it finds none. */
const SHARED_GPU: ClaimedGpus = { trainerOptions: () => ({ gpu: true }), release: async () => {} };

/** Claims the GPUs that the slots of a worker use. @throws Error if `lease` finds too few that are free */
export async function claimGpus(
  mode: GpuMode,
  leases: Leases,
  slots: number,
  options: LeaseOptions,
): Promise<ClaimedGpus> {
  if (mode === 'lease') return leaseGpus(leases, slots, options);
  return mode === 'require' ? SHARED_GPU : NO_GPUS;
}

/** When other workers can use the GPUs of a worker that died, ms. A shorter outage of Redis has no effect. */
const LEASE_MS = 30_000;
const RENEW_MS = 5_000;

export interface LeaseOptions {
  log: Log;
  /** Called if another process has one of the GPUs, after an outage longer than the lease. */
  onLost(): void;
  /** Returns the UUIDs of the GPUs that are visible to this process. */
  list?: () => Promise<string[]>;
}

/**
 * Leases one GPU of this machine for each slot and renews the leases. A lease is named after the UUID of its GPU, which
 * is the same in every container of a machine. So any number of workers can share the GPUs of a machine.
 *
 * @throws Error if fewer GPUs are free than there are slots
 */
export async function leaseGpus(
  leases: Leases,
  slots: number,
  { log, onLost, list = listGpus }: LeaseOptions,
): Promise<ClaimedGpus> {
  const owner = randomUUID();
  const all = await list();
  const taken: string[] = [];
  for (const gpu of all) {
    if (taken.length < slots && (await leases.acquire(nameLease(gpu), owner, LEASE_MS))) taken.push(gpu);
  }
  const releaseAll = () => Promise.all(taken.map((gpu) => leases.release(nameLease(gpu), owner)));
  if (taken.length < slots) {
    await releaseAll();
    throw new Error(
      `${slots} slot(s) need a GPU each, but only ${taken.length} of the ${all.length} visible GPU(s) are free. ` +
        'Start fewer workers, use fewer slots, or wait until other workers have stopped.',
    );
  }
  const renewal = setInterval(() => void renew(), RENEW_MS);
  async function renew(): Promise<void> {
    try {
      const kept = await Promise.all(taken.map((gpu) => leases.acquire(nameLease(gpu), owner, LEASE_MS)));
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
      await releaseAll().catch((error: unknown) => log.warn({ err: error }, 'GPUs not released; their leases expire'));
    },
  };
}

function nameLease(gpu: string): string {
  return `gpu:${gpu}`;
}

/** Returns the UUIDs of the NVIDIA GPUs that the driver shows to this process. @throws Error if there are none */
async function listGpus(): Promise<string[]> {
  const hint =
    'In containers, start it with docker-compose.gpu.yml; "gradsmith doctor" on this machine or in the container ' +
    'says what is missing.';
  let output: string;
  try {
    ({ stdout: output } = await promisify(execFile)('nvidia-smi', ['--query-gpu=uuid', '--format=csv,noheader'], {
      timeout: 20_000,
    }));
  } catch (error) {
    throw new Error(
      `GRADSMITH_GPU=lease needs a GPU, but nvidia-smi finds no driver: ` +
        `${(error as Error).message.split('\n')[0]}. ${hint}`,
      { cause: error },
    );
  }
  const gpus = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('GPU-') || line.startsWith('MIG-'));
  if (!gpus.length) throw new Error(`GRADSMITH_GPU=lease needs a GPU, but the driver shows none. ${hint}`);
  return gpus;
}
