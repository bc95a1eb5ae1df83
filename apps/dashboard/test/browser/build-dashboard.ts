import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built page. */
    dashboard: string;
  }
}

/** Builds the page once for all files of tests in a browser. */
export default async function buildDashboard(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-dashboard-'));
  project.provide('dashboard', folder);
  await buildForProduction(folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Vitest would have React's development build in the page. */
async function buildForProduction(outDir: string): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  } finally {
    process.env.NODE_ENV = before;
  }
}
