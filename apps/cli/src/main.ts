#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Compiled code, types stripped, is kept from one call to the next: the second one starts twice as fast.
enableCompileCache();
const { run } = await import('./cli.ts');
await run();
