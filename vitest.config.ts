import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Where a machine-readable result is written next to the printed one, if anywhere. */
const report = process.env.GRADSMITH_TEST_REPORT;

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'bench'],
    // Many tests wait for processes, so that two files at once pay on two processors, too.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
