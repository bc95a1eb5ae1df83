import { defineConfig } from 'vitest/config';

// The tests share nothing that they change, so they can share the modules, which take longer to load than to test.
export default defineConfig({ test: { isolate: false } });
