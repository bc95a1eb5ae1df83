import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Compiled code of the programs that tests start. Without it, each start compiles its sources, half of a second. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/gradsmith-compiled');

/** Where a machine-readable result is written next to the printed one, if anywhere. */
const report = process.env.GRADSMITH_TEST_REPORT;

export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'apps/*',
      'bench',
      // Its other tests need a Docker engine.
      { test: { name: '@gradsmith/deploy', include: ['deploy/test/{helm,settings}.test.ts'] } },
    ],
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
