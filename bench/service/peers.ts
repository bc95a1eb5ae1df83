import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startRedisServer } from '@gradsmith/testing';
import { pythonEnvironment } from '../lib/python.ts';

/** A storage of Optuna, and the processes that share a study in it. */
interface Peer {
  name: string;
  kind: 'journal-file' | 'journal-redis' | 'sqlite';
  processes: number;
  trials: number;
}

export interface MeasuredPeer extends Peer {
  perSecond: number;
}

const peers: Peer[] = [
  { name: 'Optuna, journal file', kind: 'journal-file', processes: 8, trials: 1_600 },
  { name: 'Optuna, journal in Redis', kind: 'journal-redis', processes: 8, trials: 1_600 },
  { name: 'Optuna, SQLite', kind: 'sqlite', processes: 4, trials: 320 },
];

/**
 * Measures Optuna's storages whose name contains `only`. Without Python, or if Optuna cannot be installed, says so and
 * returns nothing.
 */
export async function measurePeers(scale: number, only: string): Promise<MeasuredPeer[]> {
  const wanted = peers.filter(({ name }) => name.includes(only));
  if (!wanted.length) return [];
  let python: string;
  try {
    python = pythonEnvironment('storage', find('../peers/storage-requirements.txt'));
  } catch (error) {
    console.error(`Optuna is left out, because its environment could not be made: ${String(error)}`);
    return [];
  }
  const measured: MeasuredPeer[] = [];
  for (const peer of wanted) {
    const trials = Math.ceil(peer.trials * scale);
    console.error(`${peer.name}, ${peer.processes} processes: ${trials} trials`);
    measured.push({ ...peer, trials, perSecond: await measurePeer(python, { ...peer, trials }) });
  }
  return measured;
}

async function measurePeer(python: string, { kind, processes, trials }: Peer): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-optuna-'));
  // The same settings as for the service: Redis syncs each write.
  const redis = kind === 'journal-redis' ? await startRedisServer(process.env) : null;
  try {
    const args = [kind, redis?.url ?? join(folder, 'study'), String(processes), String(trials)];
    const { stdout } = await promisify(execFile)(python, [find('../peers/optuna_storage.py'), ...args]);
    return (JSON.parse(stdout) as { perSecond: number }).perSecond;
  } finally {
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function find(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
