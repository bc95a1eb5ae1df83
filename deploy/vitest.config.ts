import { defineConfig } from 'vitest/config';

const report = process.env.GRADSMITH_TEST_REPORT;

/** Tests of the containers: they need a Docker engine, build images and take minutes. */
export default defineConfig({
  test: {
    include: ['deploy/test/**/*.test.ts'],
    root: new URL('..', import.meta.url).pathname,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
