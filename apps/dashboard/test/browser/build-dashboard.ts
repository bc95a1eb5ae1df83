import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { runsInBrowser } from './chromium.ts';

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
  const root = fileURLToPath(new URL('../..', import.meta.url));
  if (runsInBrowser) await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  return () => rmSync(folder, { recursive: true, force: true });
}
