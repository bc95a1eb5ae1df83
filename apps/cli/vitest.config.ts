import { configDefaults, defineConfig } from 'vitest/config';

/** Stories of whole processes, which take minutes: `pnpm test:cli` runs them. */
const processes = ['test/examples.test.ts', 'test/resume.test.ts', 'test/modules.test.ts'];

export default defineConfig({
  test: { exclude: [...configDefaults.exclude, ...(process.env.GRADSMITH_TEST_CLI === 'processes' ? [] : processes)] },
});
