import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { writtenDocs } from '../scripts/written-docs.ts';
import { root } from './support.ts';

const read = (name: string): string => readFileSync(join(root, name), 'utf8');

test('the generated documents are as pnpm docs:write writes them', async () => {
  for (const [name, text] of Object.entries(await writtenDocs())) expect(read(`docs/${name}`), name).toBe(text);
});

test.each(['docs/job-file.md', 'README.md', 'docs/quickstart.md', 'docs/pruning.md', 'docs/method.md'])(
  'every whole job in %s is valid',
  (name) => {
    for (const [, text] of read(name).matchAll(/^```yaml\n(name:[^]*?)^```$/gm))
      expect(() => parseJob(parse(text!)), text).not.toThrow();
  },
);

test.each(['examples', 'apps/cli/templates'])('every job file in %s is valid', (name) => {
  const files = readdirSync(join(root, name)).filter((file) => file.endsWith('.yaml'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(() => parseJob(parse(read(join(name, file)))), file).not.toThrow();
});

test('links from README and docs lead to files that are there', () => {
  for (const name of [
    'README.md',
    ...['quickstart', 'cli', 'job-file', 'dashboard', 'pruning', 'method'].map((page) => `docs/${page}.md`),
  ]) {
    for (const [, target] of read(name).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      expect(() => readFileSync(new URL(target!, `file://${join(root, name)}`)), `${name}: ${target}`).not.toThrow();
    }
  }
});
