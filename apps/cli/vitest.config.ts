import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that start the command line many times, which takes minutes: `pnpm test:cli` runs them. */
const processes = ['examples', 'resume', 'modules', 'exit-codes', 'output', 'run-checks'].map(
  (name) => `test/${name}.test.ts`,
);
const excluded = process.env.GRADSMITH_TEST_CLI === 'processes' ? [] : processes;

// Most tests share nothing that they change, so they can share the modules, which take longer to load than to test.
export default defineConfig({
  test: { isolate: false, exclude: [...configDefaults.exclude, ...excluded] },
});
