import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { CheckpointFolder } from '../../src/process/checkpoints.ts';
import { temporaryFolder } from '../data/files.ts';

const EIGHT_DAYS_AGO = new Date(Date.now() - 8 * 24 * 3_600_000);
const state = { step: 1, losses: [2], optimizer: [Float32Array.of(1)], layers: [[Float32Array.of(3)]] };

function age(folder: string): void {
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), EIGHT_DAYS_AGO, EIGHT_DAYS_AGO);
}

test('removes checkpoints and partial ones after a week, and nothing else from their folder', async () => {
  const folder = temporaryFolder();
  const warn = vi.fn<(message: string) => void>();
  const open = (): CheckpointFolder => new CheckpointFolder({ folder, everyMs: 0, warn });
  await open()
    .of('old')
    .save(async () => state);
  const [old] = readdirSync(folder) as [string];
  writeFileSync(join(folder, `${old}.0f5c7b1e-6d2a-4c1b-9a55-0123456789ab`), 'partial');
  // A folder with the name of a checkpoint cannot be removed. It must not stop the removal of the others.
  const blocked = `${'0'.repeat(64)}.checkpoint`;
  const others = [blocked, 'job_x.json', 'lost+found', 'mine.checkpoint', 'thesis.tex'];
  for (const name of [blocked, 'lost+found']) mkdirSync(join(folder, name));
  for (const name of ['job_x.json', 'mine.checkpoint', 'thesis.tex']) writeFileSync(join(folder, name), 'x');
  age(folder);
  await open()
    .of('new')
    .save(async () => state);
  open();
  const left = readdirSync(folder);
  expect(left).not.toContain(old);
  expect(left.filter((name) => others.includes(name)).sort()).toEqual(others);
  expect(left).toHaveLength(others.length + 1);
  expect(warn).not.toHaveBeenCalled();
});
