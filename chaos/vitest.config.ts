import { defineConfig } from 'vitest/config';

const report = process.env.GRADSMITH_TEST_REPORT;

/** Tests that start, break and kill whole processes: minutes each, one after the other. */
export default defineConfig({
  test: {
    include: ['chaos/test/**/*.test.ts'],
    root: new URL('..', import.meta.url).pathname,
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
