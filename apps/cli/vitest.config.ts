import { configDefaults, defineConfig } from 'vitest/config';

/** Stories of whole processes, which take minutes: `pnpm test:cli` runs them. */
const processes = ['test/examples.test.ts', 'test/resume.test.ts', 'test/modules.test.ts'];
const excluded = process.env.GRADSMITH_TEST_CLI === 'processes' ? [] : processes;

export default defineConfig({
  test: { exclude: [...configDefaults.exclude, ...excluded] },
});
