import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { version } = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('@gradsmith/bayesopt/package.json'), 'utf8'),
) as { version: string };

/** What a suggestion's bits depend on beside its input: the optimizer's code and V8's Math functions. */
export const versions: Record<string, string> = { bayesopt: version, v8: process.versions.v8, arch: process.arch };
