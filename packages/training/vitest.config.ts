import { configDefaults, defineConfig } from 'vitest/config';

/** Tests of trainers in separate processes, which take minutes: `pnpm test:trainers` runs them. */
const processes = 'test/processes/**';
const excluded = process.env.GRADSMITH_TEST_TRAINERS === 'processes' ? [] : [processes];

export default defineConfig({
  test: { exclude: [...configDefaults.exclude, ...excluded] },
});
