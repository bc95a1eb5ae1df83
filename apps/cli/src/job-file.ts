import { readFileSync } from 'node:fs';
import { InvalidInput, parseJob, type JobSpec } from '@gradsmith/core';
import { parseDocument } from 'yaml';

/** Reads and checks a job file (YAML, and so JSON too). Throws InvalidInput that names file, place and remedy. */
export function readJobFile(path: string): JobSpec {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidInput([{ path: [], message: `cannot be read: ${(error as Error).message}` }], path);
  }
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
