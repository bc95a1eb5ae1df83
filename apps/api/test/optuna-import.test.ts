import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findProgram } from '../../../packages/exports/test/find-program.ts';
import { packageSources } from './find-python.ts';
import { startRedisService } from './redis-service.ts';

const python = findProgram('optuna', 'requests');
if (!python)
  console.warn('NOT TESTED: the import of studies needs a Python with optuna and requests; name it in PYTHON');

test.skipIf(!python)('the Python package imports a study of Optuna itself', { timeout: 120_000 }, async () => {
  const service = await startRedisService();
  const { stdout } = await promisify(execFile)(python!, ['tests/run.py', 'test_optuna.py'], {
    cwd: new URL('../../../clients/python/', import.meta.url).pathname,
    env: { ...process.env, PYTHONPATH: packageSources, GRADSMITH_TEST_URL: service.url },
  });
  const outcomes = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; faults: string[] });
  expect(outcomes).toContainEqual({
    name: 'test_optuna.ImportedStudyTest.test_a_real_study_of_optuna',
    faults: [],
  });
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  expect(service.errors).toEqual([]);
});
