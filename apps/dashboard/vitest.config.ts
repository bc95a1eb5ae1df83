import { configDefaults, defineConfig } from 'vitest/config';

/** Tests in a browser, which take minutes and need Chromium: `pnpm test:browser` runs them alone. */
const browser = process.env.GRADSMITH_TEST_BROWSER === 'chromium';

export default defineConfig({
  test: {
    exclude: browser ? configDefaults.exclude : [...configDefaults.exclude, 'test/browser/**'],
    globalSetup: browser ? './test/browser/build-dashboard.ts' : [],
    // A page is as slow as the machine on which everything else is tested at the same time.
    expect: { poll: { timeout: 20_000 } },
  },
});
