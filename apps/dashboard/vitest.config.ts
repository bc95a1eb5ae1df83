import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: './test/browser/build-dashboard.ts',
    // A page is as slow as the machine on which everything else is tested at the same time.
    expect: { poll: { timeout: 20_000 } },
  },
});
