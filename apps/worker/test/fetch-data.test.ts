import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const program = new URL('../src/fetch-data.ts', import.meta.url).pathname;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the program of the data container. Returns its exit code and its log. */
async function fetchData(cacheDir: string, ...args: string[]): Promise<{ code: number; log: string }> {
  const env = { PATH: process.env.PATH, GRADSMITH_CACHE: cacheDir };
  return promisify(execFile)(process.execPath, [program, ...args], { env }).then(
    ({ stdout }) => ({ code: 0, log: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      log: error.stdout + error.stderr,
    }),
  );
}

test('takes a data set of the operator from a folder', async () => {
  const [cacheDir, folder] = [temporaryFolder(), temporaryFolder()];
  const record = (label: number): Buffer => Buffer.concat([Buffer.of(label), Buffer.alloc(3072, label)]);
  writeFileSync(join(folder, 'data_batch_1.bin'), Buffer.concat([record(0), record(1), record(1)]));
  const { code, log } = await fetchData(cacheDir, 'patches', '--from', folder);
  expect([code, log]).toEqual([0, expect.stringContaining('"name":"patches","train":3,"test":0')]);
  expect(existsSync(join(cacheDir, 'datasets', 'own', 'patches.bin'))).toBe(true);
}, 30_000);

test('says what is wrong with a folder', async () => {
  const { code, log } = await fetchData(temporaryFolder(), 'patches', '--from', '/nowhere');
  expect(code).toBe(1);
  expect(log).toContain('there is no such folder');
  expect(log).not.toContain('    at ');
}, 30_000);

test.each([
  [[], 'name a data set'],
  [['patches'], 'patches cannot be fetched; for a data set of your own, add --from FOLDER'],
  [['mnist,patches', '--from', '/import'], 'a folder holds one data set'],
  [['mnist', '--form', '/import'], "Unknown option '--form'"],
] as const)(
  'refuses %j, and says what to write',
  async (args, message) => {
    const { code, log } = await fetchData(temporaryFolder(), ...args);
    expect(code).toBe(2);
    expect(log).toContain(message);
    expect(log).toContain('Usage: fetch-data.ts NAME');
  },
  30_000,
);
