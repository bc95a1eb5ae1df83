import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { cleanEnv, folder, jobFile, root } from './support.ts';

/** Runs `npm run gradsmith` as npm does, without the installation of the dependencies. */
function runScript(cwd: string, env: Record<string, string>): { status: number | null; stdout: string } {
  const programs = folder();
  writeFileSync(join(programs, 'pnpm'), '#!/bin/sh\n');
  chmodSync(join(programs, 'pnpm'), 0o755);
  const path = [programs, process.env.PATH].join(delimiter);
  const args = [join(root, 'scripts/bootstrap.mjs'), 'gradsmith', 'validate', 'only-here.json'];
  return spawnSync(process.execPath, args, { cwd, env: cleanEnv({ ...env, PATH: path }), encoding: 'utf8' });
}

test('paths of npm run gradsmith are relative to the folder in which npm was called', () => {
  const where = folder();
  jobFile(where, undefined, 'only-here.json');
  const rootFolder = root.replace(/\/$/, '');
  expect(runScript(rootFolder, { INIT_CWD: where })).toMatchObject({ status: 0, stderr: '' });
  expect(runScript(where, {})).toMatchObject({ status: 0, stderr: '' });
  expect(runScript(where, { INIT_CWD: rootFolder })).toMatchObject({ status: 0, stderr: '' });
  // npx of the first start has another folder.
  const moved = { INIT_CWD: rootFolder, GRADSMITH_CALLER_FOLDER: where };
  expect(runScript(rootFolder, moved)).toMatchObject({ status: 0, stderr: '' });
}, 60_000);
