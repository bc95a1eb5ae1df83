import { checkJobText, describeFinding, findPosition, locateProblem, type Finding } from '@gradsmith/contract/job-text';
import { GradsmithError, InvalidInput, quoteArgument } from '@gradsmith/core/domain';
import { type JobSpec } from '@gradsmith/core/spec';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { readText } from './read-text.ts';

/** A job file that is not a valid job. The message has a line `job.yaml:7:11: space.x.low: …` for each problem. */
export class InvalidJobFile extends GradsmithError {
  readonly problems: { path: (string | number)[]; line: number; column: number; message: string }[];

  constructor(file: string, text: string, findings: readonly Finding[]) {
    const lines = findings.map((finding) => `${file}:${describeFinding(text, finding)}`);
    super(`${file} is not valid:\n${lines.join('\n')}`, 'invalid-input');
    this.problems = findings.map(({ path, from, message }) => ({
      path: [...path],
      ...findPosition(text, from),
      message,
    }));
  }
}

/**
 * Reads and checks a job file, YAML or JSON.
 *
 * @throws InvalidJobFile if it is not a valid job
 * @throws Failure if there is no such file
 */
export function readJobFile(path: string): JobSpec {
  const text = readJobText(path);
  const { spec, findings } = checkJobText(text);
  if (spec === null) throw new InvalidJobFile(path, text, findings);
  return spec;
}

/**
 * Calls `use` with the job of a file. If `use` throws InvalidInput, as for a job that a service refuses, the problems
 * get the lines and the columns of the file.
 *
 * @throws what `readJobFile` throws
 */
export async function useJobFile<T>(path: string, use: (spec: JobSpec) => Promise<T>): Promise<T> {
  try {
    return await use(readJobFile(path));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const text = readJobText(path);
    const { document } = checkJobText(text);
    const findings = error.problems.map((problem) => locateProblem(document, text, problem));
    throw new InvalidJobFile(path, text, findings);
  }
}

function readJobText(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Failure(
      exitCodes.notFound,
      'no-job-file',
      `there is no job file ${path}; check the path, or write one to start from: gradsmith init ${quoteArgument(path)}`,
    );
  }
}
