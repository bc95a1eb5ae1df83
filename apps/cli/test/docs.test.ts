import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { writtenDocs } from '../scripts/written-docs.ts';
import { templates } from '../src/commands/init.ts';
import { root } from './support.ts';

const read = (name: string): string => readFileSync(join(root, name), 'utf8');

/** Every page of the repository. */
const pages = globSync(['README.md', 'docs/**/*.md', '{apps,clients,packages,bench,chaos,deploy,examples}/**/*.md'], {
  cwd: root,
  exclude: (name) => name === 'node_modules' || name === 'dist',
});

test('the generated documents are as pnpm docs:write writes them', async () => {
  for (const [name, text] of Object.entries(await writtenDocs())) expect(read(`docs/${name}`), name).toBe(text);
});

test('every whole job in a page is valid', () => {
  const jobs = pages.flatMap((name) =>
    [...read(name).matchAll(/^```yaml\n(name:[^]*?)^```$/gm)].map(([, job]) => job!),
  );
  expect(jobs.length).toBeGreaterThan(0);
  for (const job of jobs) expect(() => parseJob(parse(job)), job).not.toThrow();
});

const jobFiles = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.yaml'));

test.each(jobFiles)('the job file examples/%s is valid, and its job is named like the file', (file) => {
  expect(parseJob(parse(read(join('examples', file)))).name).toBe(basename(file, '.yaml'));
});

test('the commented lines of the first template are valid without their #', () => {
  const text = read('examples/meta-network-mnist.yaml').replace(/^# (space:|  \S)/gm, '$1');
  expect(Object.keys(parseJob(parse(text)).space)).toEqual(['relu2.b', 'relu2.u', 'learningRate']);
});

test('every template of gradsmith init is an example', () => {
  expect(jobFiles).toEqual(expect.arrayContaining(Object.keys(templates).map((name) => `${name}.yaml`)));
});

test('finds the pages whose links it checks', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md', 'packages/core/README.md']));
  expect(pages.length).toBeGreaterThan(30);
});

test.each(pages)('every link in %s leads to a file, and to a heading in it', (name) => {
  for (const [, target, anchor] of read(name).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
    const file = target ? join(dirname(name), target) : name;
    expect(existsSync(join(root, file)), `${name}: ${target}`).toBe(true);
    if (anchor && file.endsWith('.md')) expect(listAnchors(read(file)), `${name}: ${file}#${anchor}`).toContain(anchor);
  }
});

test.each(pages.filter((name) => name.endsWith('README.md')))('every file that %s names is there', (name) => {
  const files = globSync('**/*.ts', {
    cwd: join(root, dirname(name)),
    exclude: (file) => file === 'node_modules' || file === 'dist',
  });
  for (const [, path] of read(name).matchAll(/`([\w./-]+\.ts)`/g)) {
    const found = existsSync(join(root, path!)) || files.some((file) => `/${file}`.endsWith(`/${path}`));
    const near = existsSync(join(root, dirname(name), path!));
    expect(found || near, `${name}: ${path}`).toBe(true);
  }
});

test('docs/contributing.md names identifiers and files that exist, and every command of the root package', () => {
  const page = read('docs/contributing.md');
  const files = globSync(['{,.}*.*', 'docs/**', '{apps,clients,packages,bench,chaos,deploy,examples,scripts}/**'], {
    cwd: root,
    exclude: (name) => ['node_modules', 'dist', '.turbo', '.venv'].includes(name),
  });
  const words = new Set(
    files
      .filter((file) => !file.startsWith('docs/') && /\.(tsx?|mjs|py|json|ya?ml)$/.test(file))
      .flatMap((file) => read(file).match(/\w+/g) ?? []),
  );
  // NAME, addName and vN stand for a name or number that the reader chooses.
  const spans = [...page.matchAll(/`([^`]+)`/g)]
    .map(([, span]) => span!)
    .filter((span) => !/NAME|addName|vN/.test(span));

  const identifiers = spans.filter((span) => /^[A-Za-z_]\w*(\.\w+)*(\(\w*\))?$/.test(span));
  expect(identifiers.length).toBeGreaterThan(100);
  const unknown = identifiers.filter((span) => span.match(/\w+/g)!.some((word) => !words.has(word)));
  expect(unknown.filter((span) => !isPathEnd(span, files))).toEqual([]);

  const paths = spans.filter((span) => /^[\w.-]+(\/[\w.-]+)*(\/|\.(tsx?|md|json|ya?ml|toml|sqlite))$/.test(span));
  expect(paths.length).toBeGreaterThan(100);
  expect(paths.filter((path) => !isPathEnd(path, files))).toEqual([]);

  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const commands = Object.keys(scripts).filter((name) => /^(test|bench):/.test(name));
  expect(commands.filter((name) => !page.includes(`| \`pnpm ${name}\` `))).toEqual([]);
});

/** Tells whether a file, or a folder of one, ends with the path. */
function isPathEnd(path: string, files: string[]): boolean {
  const end = `/${path}`;
  return files.some((file) => (path.endsWith('/') ? `/${file}`.includes(end) : `/${file}`.endsWith(end)));
}

/** Returns the anchors of the headings, as GitHub makes them. */
function listAnchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
