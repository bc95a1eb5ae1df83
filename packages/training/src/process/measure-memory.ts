import { readFile } from 'node:fs/promises';

/** Measures the resident bytes of a process. Null if it is gone, or if this system has no `/proc`. */
export async function measureMemory(pid: number | undefined): Promise<number | null> {
  if (pid === undefined) return null;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
