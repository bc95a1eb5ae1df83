import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Separate benchmarks, each against its peers in the same invocation. */
const SUITES = ['conditional', 'cma-es', 'constrained', 'pareto'] as const;

/**
 * Runs each suite in a separate process, which prints its tables.
 *
 * @returns what each wrote as JSON, by name; null for one that failed
 */
export function runSuites(quick: boolean): Record<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-suites-'));
  try {
    return Object.fromEntries(SUITES.map((name) => [name, runSuite(name, join(folder, `${name}.json`), quick)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runSuite(name: string, file: string, quick: boolean): unknown {
  console.log(`\n${name}\n`);
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const args = [script, '--json', file, ...(quick ? ['--quick'] : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status === 0) return JSON.parse(readFileSync(file, 'utf8'));
  process.exitCode = 1;
  return null;
}
