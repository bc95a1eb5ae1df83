import { readFileSync } from 'node:fs';
import { InvalidInput } from '@gradsmith/core/domain';
import { parseJob, type JobSpec } from '@gradsmith/core/spec';
import { parseDocument } from 'yaml';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';

/**
 * Reads and checks a job file (YAML, and so JSON too). Throws InvalidInput that names file, place and remedy, Failure
 * where there is none.
 */
export function readJobFile(path: string): JobSpec {
  const text = readText(path);
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  if (error) throw new InvalidInput([{ path: [], message: error.message }], path);
  try {
    return parseJob(document.toJS());
  } catch (refused) {
    if (refused instanceof InvalidInput) throw new InvalidInput(refused.problems, path);
    throw refused;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Failure(
      exitCodes.notFound,
      'no-job-file',
      `there is no job file ${path}; check the path, or write one to start from: gradsmith init ${path}`,
    );
  }
}
