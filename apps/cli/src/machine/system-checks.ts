import { execFile } from 'node:child_process';
import { access, constants, statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { formatBytes, formatPlural } from '../text/numbers.ts';
import { bad, note, ok, type Check } from './check.ts';

const OLDEST_NODE = 24;
const LITTLE_MEMORY = 1e9;
const LITTLE_DISK = 5e8;
const SOME_DISK = 3e9;
const PATIENCE_MS = 5_000;

export function checkNode(): Check {
  const { node } = process.versions;
  if (Number(node.split('.')[0]) >= OLDEST_NODE) return ok('Node', `version ${node}`);
  return bad('Node', `version ${node}`, `install Node ${OLDEST_NODE} or newer; npm run gradsmith brings one by itself`);
}

export function checkMachine(): Check {
  const memory = `${formatBytes(totalmem())} of memory, ${formatBytes(freemem())} free`;
  const found = `${formatPlural(availableParallelism(), 'processor')}, ${memory}`;
  return totalmem() < LITTLE_MEMORY
    ? note('Machine', found, 'a trainer takes a few hundred MB; run with --slots 1')
    : ok('Machine', found);
}

/**
 * Free space on the disk of a folder that may not exist yet, and whether it can be written. A worker of a service needs
 * neither: it writes to Redis alone, and in containers it is given read-only disks on purpose.
 */
export async function checkDisk(name: string, folder: string, serves: boolean): Promise<Check> {
  const there = await findNearestFolder(resolve(folder));
  try {
    await access(there, constants.W_OK);
  } catch {
    if (serves)
      return note(name, `${folder} cannot be written by this user, which a worker of a service has no need to`);
    return bad(
      name,
      `${folder} cannot be written by this user`,
      `change the permissions of ${there}, or choose another folder`,
    );
  }
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const found = `${folder}, ${formatBytes(free)} free`;
  if (free < LITTLE_DISK) return bad(name, found, 'free disk space: a ledger that cannot be written stops every job');
  return free < SOME_DISK
    ? note(name, found, 'data sets take up to 200 MB each, a large job some hundred MB')
    : ok(name, found);
}

async function findNearestFolder(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch {
    return dirname(folder) === folder ? folder : findNearestFolder(dirname(folder));
  }
}

export async function checkDocker(): Promise<Check> {
  const found = await readOutput('docker', ['info', '--format', '{{.ServerVersion}}']);
  if (found !== null) return ok('Docker', `engine ${found.trim()}`);
  return note(
    'Docker',
    'no engine answers',
    'needed only for the service in containers (docker compose up): install one, or start it',
  );
}

/** Returns what a program prints, or null if it cannot be run or fails. */
export async function readOutput(program: string, args: readonly string[]): Promise<string | null> {
  try {
    return (await promisify(execFile)(program, args, { timeout: PATIENCE_MS })).stdout;
  } catch {
    return null;
  }
}
