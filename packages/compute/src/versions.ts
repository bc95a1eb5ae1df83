import { readFileSync } from 'node:fs';

const manifest = new URL('../package.json', import.meta.resolve('@gradsmith/bayesopt'));
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

/** What the bits of a suggestion depend on, besides its input: the optimizer's code and V8's Math functions. */
export const versions: Record<string, string> = { bayesopt: version, v8: process.versions.v8, arch: process.arch };
