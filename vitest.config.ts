import { defineConfig } from 'vitest/config';

/** Where a machine-readable result is written next to the printed one, if anywhere. */
const report = process.env.GRADSMITH_TEST_REPORT;

export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'apps/*',
      'bench',
      // Its other tests need a Docker engine.
      { test: { name: '@gradsmith/deploy', include: ['deploy/test/helm.test.ts'] } },
    ],
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
