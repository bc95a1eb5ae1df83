import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput } from '@gradsmith/core/domain';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../src/exit-codes.ts';
import { describeError } from '../src/failure.ts';
import { readJobFile, useJobFile } from '../src/job-file.ts';
import { readDocumentFile } from '../src/source.ts';
import { folder, gaussians, jobFile } from './support.ts';

/** Returns the error as the command reports it. */
function refusal(read: () => unknown): ReturnType<typeof describeError> {
  try {
    read();
  } catch (error) {
    return describeError(error);
  }
  throw new Error('it was accepted');
}

describe('a job file that cannot be used is an error of the user, with line and column', () => {
  const levels = ['1', '*a', '*b', '*c'].map((of, i) => `${'abcd'[i]}: &${'abcd'[i]} [${Array(8).fill(of)}]`);
  test.each([
    ['an empty file', '', 1, 1, 'is empty; a job has at least name, objective and search'],
    ['an alias bomb', levels.join('\n'), 2, 8, 'aliases'],
    ['deep nesting', `name: ${'['.repeat(100_000)}`, 1, 70, 'nested more than 64 levels deep'],
    [
      'a wrong value',
      'name: x\nobjective: { kind: training, epochs: no }\n',
      2,
      38,
      'objective.epochs: must be a whole number from 1 to 10000, not "no"',
    ],
  ])('%s', (_, text, line, column, message) => {
    const file = jobFile(folder(), text, 'job.yaml');
    const error = refusal(() => readJobFile(file));
    expect(error).toMatchObject({ exitCode: exitCodes.usage, code: 'invalid-input' });
    expect(error.problems).toContainEqual(expect.objectContaining({ line, column }));
    const lines = error.message.split('\n').filter((each) => each.startsWith(`${file}:${line}:${column}: `));
    expect(lines.join('\n')).toContain(message);
  });
});

test('a job that is refused later, as by a service, has line and column too', async () => {
  const file = jobFile(folder(), JSON.stringify(JSON.parse(gaussians()), null, 2));
  const refuse = async (): Promise<never> => {
    throw new InvalidInput([{ path: ['objective', 'optimizer', 'learningRate'], message: 'is too large' }]);
  };
  const error = describeError(await useJobFile(file, refuse).catch((error: unknown) => error));
  expect(error).toMatchObject({ exitCode: exitCodes.usage, code: 'invalid-input' });
  expect(error.message).toBe(`${file} is not valid:\n${file}:15:23: objective.optimizer.learningRate: is too large`);
});

describe('an exported job that cannot be used is an error of the user', () => {
  const nested = `{"format":"gradsmith-job","spec":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  const fixture = new URL('../../../packages/testing/fixtures/exported-job-v1.json', import.meta.url);
  const { spec, ...document } = JSON.parse(readFileSync(fixture, 'utf8')) as { spec: object };
  const withSpace = (space: object): string => JSON.stringify({ ...document, spec: { ...spec, space } });
  test.each([
    ['an empty file', ' \n', 'is empty; gradsmith export JOB -o FILE writes a job to a file'],
    ['half a document', '{', 'is not JSON: '],
    ['deep nesting', nested, 'is nested more than 64 levels deep'],
    ['a file of another kind', '{"name":"x"}', 'format: this is not an exported job'],
    ['a list', '[]', 'must be a map of fields, not a list'],
    ['a space without parameters', withSpace({}), 'spec.space: must have at least one parameter'],
    ['a range that is empty', withSpace({ x: { type: 'float', low: 2, high: 1 } }), 'spec.space.x'],
  ])('%s', (_, text, message) => {
    const file = join(folder(), 'job.json');
    writeFileSync(file, text);
    const error = refusal(() => readDocumentFile(file));
    expect(error).toMatchObject({ exitCode: exitCodes.usage, code: 'invalid-input' });
    expect(error.message.split('\n')).toEqual([`${file} is not valid:`, expect.stringContaining(message)]);
  });
});
