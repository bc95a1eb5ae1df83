import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that start the command line many times, which takes minutes: `pnpm test:cli` runs them. */
const processes = 'test/processes/**';
const excluded = process.env.GRADSMITH_TEST_CLI === 'processes' ? [] : [processes];

// Most tests share nothing that they change, so they can share the modules, which take longer to load than to test.
export default defineConfig({
  test: { isolate: false, exclude: [...configDefaults.exclude, ...excluded] },
});
