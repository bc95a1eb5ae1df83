import { spawnSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFile } from '../src/export/write-file.ts';
import { describeError } from '../src/failure.ts';
import { readJobFile } from '../src/job-file.ts';
import { checkReportPlace } from '../src/report/write-report.ts';
import { readDocumentFile } from '../src/source.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gradsmith-whole-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* parts(): AsyncGenerator<string> {
  yield 'new';
}

test('a file that exists is replaced, through a symbolic link, too', async () => {
  writeFileSync(join(folder, 'file'), 'old');
  symlinkSync(join(folder, 'file'), join(folder, 'link'));
  await writeFile(join(folder, 'link'), parts());
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['file', 'link']);
});

test('a link to a file that is not there yet is followed', async () => {
  symlinkSync('file', join(folder, 'link'));
  await writeFile(join(folder, 'link'), parts());
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
  expect(readdirSync(folder).sort()).toEqual(['file', 'link']);
});

test('the file that standard output goes to is not replaced', () => {
  const source = fileURLToPath(new URL('../src/whole-file.ts', import.meta.url));
  const file = join(folder, 'all');
  writeFileSync(file, 'earlier');
  for (const name of ['/dev/stdout', file]) {
    const output = openSync(file, 'a');
    const code = `(await import(${JSON.stringify(source)})).placeWholeFile(${JSON.stringify(name)})`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', output, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(output);
    expect([status, stderr]).toEqual([1, expect.stringContaining('is where the output of this command goes')]);
  }
  expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['earlier', ['all']]);
});

test('a device stays a device', async () => {
  // A link, so that the test cannot replace the device.
  symlinkSync('/dev/null', join(folder, 'null'));
  await writeFile(join(folder, 'null'), parts());
  expect(lstatSync(join(folder, 'null')).isSymbolicLink()).toBe(true);
  expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('if writing fails, the old file stays and nothing is left behind', async () => {
  writeFileSync(join(folder, 'file'), 'old');
  async function* failing(): AsyncGenerator<string> {
    yield 'new';
    throw new Error('no disk');
  }
  await expect(writeFile(join(folder, 'file'), failing())).rejects.toThrow('no disk');
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['file']);
});

test('an error names the file that was asked for, and not the one that it is written as', async () => {
  const describe = async (work: () => unknown): Promise<string> => {
    const result = Promise.try(work);
    return result.then(
      () => 'nothing failed',
      (error: unknown) => describeError(error).message,
    );
  };
  const missing = join(folder, 'missing');
  expect(await describe(async () => writeFile(join(missing, 'x.json'), parts()))).toBe(
    `${missing} does not exist; check the path`,
  );
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(await describe(async () => writeFile(join(file, 'x.json'), parts()))).toBe(
    `${file}/x.json has a file where a folder is needed; check the path`,
  );
  for (const read of [readJobFile, readDocumentFile, checkReportPlace])
    expect(await describe(() => read(folder))).toBe(`${folder} is a folder; name a file`);
});
