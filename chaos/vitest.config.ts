import { defineConfig } from 'vitest/config';

const report = process.env.GRADSMITH_TEST_REPORT;

/**
 * Tests that start, break and kill whole processes. They take minutes each, mostly waiting, so `test:processes` runs
 * two files at a time.
 */
export default defineConfig({
  test: {
    include: ['chaos/test/**/*.test.ts', 'packages/redis/test/torn-log.test.ts'],
    // The log is then cut at every byte.
    env: { GRADSMITH_TEST_EVERY_CUT: '1' },
    root: new URL('..', import.meta.url).pathname,
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
