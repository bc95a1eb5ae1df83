#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Caches compiled code between calls: from the second call on, the command starts twice as fast.
enableCompileCache();
const { run } = await import('./cli.ts');
await run();
