import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jobMoves } from '../src/domain/job-states.ts';
import { trialMoves } from '../src/domain/trial-states.ts';

const root = new URL('../../..', import.meta.url).pathname;
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** Importer → what it may import, sorted. */
type Imports = Record<string, string[]>;

/** Returns the arrows of each diagram of the page, in order. */
function readDiagrams(): Imports[] {
  return [...page.matchAll(/```mermaid\nflowchart TD\n([^]*?)```/g)].map(([, body]) =>
    Object.fromEntries(
      body!
        .trim()
        .split('\n')
        .map((line) => {
          const [importer, targets] = line.trim().split(' --> ');
          return [importer!, targets!.split(' & ').toSorted()];
        }),
    ),
  );
}

interface Rule {
  files: string[];
  group: string[];
}

function readImportRules(): Rule[] {
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
    overrides: { files: string[]; rules: Record<string, unknown> }[];
  };
  return config.overrides.flatMap(({ files, rules }) => {
    const restricted = rules['no-restricted-imports'] as
      | [string, { patterns: { group: string[] }[] }]
      | 'off'
      | undefined;
    if (!restricted || restricted === 'off') return [];
    return [{ files, group: restricted[1].patterns.flatMap(({ group }) => group) }];
  });
}

const workspacePattern = /^!@gradsmith\/([a-z]+)$/;

function readAllowedPackages({ group }: Rule): string[] {
  return group.flatMap((pattern) => workspacePattern.exec(pattern)?.[1] ?? []).toSorted();
}

function readPackageRules(): Imports {
  const imports: Imports = {};
  for (const rule of readImportRules()) {
    for (const glob of rule.files) {
      const name = glob.split('/')[1]!;
      const allowed = readAllowedPackages(rule);
      if (allowed.length) imports[name] = allowed;
    }
  }
  return imports;
}

function readLayerRules(): Imports {
  const rules = readImportRules().filter(({ files }) => files[0]!.startsWith('packages/core/src/'));
  const layers = rules.map(({ files }) => files[0]!.split('/')[3]!);
  const imports: Imports = {};
  for (const [i, { group }] of rules.entries()) {
    const allowed = layers.filter((layer) => layer !== layers[i] && !group.includes(`../${layer}/*`));
    if (allowed.length) imports[layers[i]!] = allowed.toSorted();
  }
  return imports;
}

/** Returns the rows of the table under a heading, as [move, from, to]. */
function readMoves(heading: string): string[][] {
  const section = page.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const rows = [...section.matchAll(/^\| (.+) \|$/gm)].map(([, row]) => row!.split('|').map((cell) => cell.trim()));
  return rows.slice(2).map((row) => row.slice(0, 3));
}

/** Returns the packages that the sources of a package or app import, sorted. */
function readImportedPackages(importer: string): string[] {
  const files = globSync(`{apps,packages}/${importer}/src/**/*.{ts,tsx}`, { cwd: root });
  const names = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from |import\()'@gradsmith\/([a-z]+)/g)].map(
      ([, name]) => name!,
    ),
  );
  return [...new Set(names)].toSorted();
}

/** Tells whether a source defines the name as a function, a class, a constant or a method. */
function defines(source: string, name: string): boolean {
  const declaration = new RegExp(`^\\s*(export )?(default )?(async )?(function\\*?|class|const) ${name}\\b`, 'm');
  // A statement that calls the function ends with a semicolon.
  const method = new RegExp(`^\\s+((private|protected|public|static|override|async) )*${name}(<.*>)?\\(.*[^;]$`, 'm');
  return declaration.test(source) || method.test(source);
}

describe('docs/architecture.md', () => {
  test('draws the packages as the linter allows them', () => {
    expect(readDiagrams()[0]).toEqual(readPackageRules());
  });

  test('draws the layers of core as the linter allows them', () => {
    const layers = readLayerRules();
    expect(Object.keys(layers).length).toBeGreaterThan(5);
    expect(readDiagrams()[1]).toEqual(layers);
  });

  test('draws only arrows between packages that the sources use', () => {
    for (const [importer, targets] of Object.entries(readDiagrams()[0]!)) {
      expect(targets, importer).toEqual(readImportedPackages(importer));
    }
  });

  test('lets only packages/training import TensorFlow.js', () => {
    const rules = readImportRules().filter(({ files }) => !files[0]!.startsWith('packages/training/'));
    expect(rules.length).toBeGreaterThan(15);
    expect(rules.filter(({ group }) => !group.includes('@tensorflow/*'))).toEqual([]);
  });

  test.each([
    ['States of a job', jobMoves],
    ['States of a trial', trialMoves],
  ])('%s: lists every move with its states', (heading, moves) => {
    const expected = Object.entries(moves).map(([move, { from, to }]) => [move, from.join(' '), to]);
    expect(readMoves(heading)).toEqual(expected);
  });

  test('names functions on the path of a trial that the linked files define', () => {
    const steps = [...page.matchAll(/^\d+\. `(\w+)` in\s+\[([^\]]+)\]\(\.\.\/([^)]+)\)/gm)];
    expect(steps.length).toBeGreaterThan(15);
    const wrong = steps.filter(([, name, label, path]) => {
      const file = join(root, path!);
      return label !== path || !existsSync(file) || !defines(readFileSync(file, 'utf8'), name!);
    });
    expect(wrong.map(([step]) => step)).toEqual([]);
  });

  test('numbers the invariants that the code cites', () => {
    const listed = new Set([...page.split('## Invariants')[1]!.matchAll(/^(\d+)\. \*\*/gm)].map(([, n]) => Number(n)));
    expect(listed.size).toBe(14);
    const sources = globSync('{apps,packages}/*/{src,test}/**/*.ts', { cwd: root });
    const cited = sources.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\binvariants? (\d+)/g)].map(([, n]) => Number(n)),
    );
    expect(cited.filter((n) => !listed.has(n))).toEqual([]);
  });
});

test('every package and app may import others by their name only, so that no path avoids the rules', () => {
  const folders = globSync('{apps,packages}/*/src', { cwd: root });
  expect(folders.length).toBeGreaterThan(10);
  const rules = readImportRules();
  for (const folder of folders) {
    const own = rules.filter(({ files }) => files.some((glob) => glob.startsWith(folder)));
    expect(own.length, folder).toBeGreaterThan(0);
    for (const { files, group } of own) expect(group, files.join()).toContain('**/src/**');
  }
});

// oxfmt breaks neither strings nor comments.
test('no line of the source is longer than 120 columns', () => {
  const files = globSync('{apps,packages,bench,chaos,deploy,scripts,examples}/**/*.ts', {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  });
  expect(files.length).toBeGreaterThan(500);
  const long = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, i) => ([...line].length > 120 ? [`${file}:${i + 1}`] : [])),
  );
  expect(long).toEqual([]);
});
