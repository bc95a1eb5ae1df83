import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeReport } from '../src/report/write-report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradsmith-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('replaces a report but no other file without force', () => {
  const report = join(folder, 'report.html');
  writeReport(report, '<!doctype html>\nfirst');
  writeReport(report, '<!doctype html>\nsecond');
  expect(readFileSync(report, 'utf8')).toContain('second');

  const job = join(folder, 'job.yaml');
  writeFileSync(job, 'name: x');
  expect(() => writeReport(job, '<!doctype html>\n')).toThrow('is not a report');
  expect(readFileSync(job, 'utf8')).toBe('name: x');
  writeReport(job, '<!doctype html>\nforced', true);
  expect(readFileSync(job, 'utf8')).toContain('forced');
});

it('creates no folder', () => {
  expect(() => writeReport(join(folder, 'missing', 'r.html'), '<!doctype html>\n')).toThrow('does not exist');
});
