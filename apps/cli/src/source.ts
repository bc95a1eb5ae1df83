import { existsSync } from 'node:fs';
import { InvalidInput, toProblems } from '@gradsmith/core/domain';
import { jobDocumentSchema, upgradeDocument, type JobDocument } from '@gradsmith/core/jobs';
import { parseJob, type JobSpec } from '@gradsmith/core/spec';
import { findJob } from './hosts/find-job.ts';
import { withOpenHost, type HostOptions } from './hosts/open-host.ts';
import { readText } from './read-text.ts';

/** Far more levels than an exported job has, and far fewer than what exhausts the stack of a schema. */
const MAX_DEPTH = 64;
/** Problems of one document that are printed. */
const MAX_PROBLEMS = 10;

/** Reads a whole job: from an exported file if `job` names one, otherwise from the host. */
export async function readDocument(job: string | undefined, at: Partial<HostOptions>): Promise<JobDocument> {
  if (job?.endsWith('.json') && existsSync(job)) return readDocumentFile(job);
  return withOpenHost(at, async (host) => host.document(await findJob(host, job)));
}

/** Reads an exported job. Throws InvalidInput that names the file. */
export function readDocumentFile(file: string): JobDocument {
  const body = parseJson(file, readText(file));
  const input = upgradeDocument(body);
  const parsed = jobDocumentSchema.safeParse(input);
  if (parsed.success) return { ...parsed.data, spec: parseSpec(file, parsed.data.spec) };
  const problems = toProblems(parsed.error, { schema: jobDocumentSchema, input });
  // A file of another kind has a problem in every field.
  const other = problems.find(({ path }) => path.length === 0 || path[0] === 'format');
  throw new InvalidInput(other ? [other] : problems.slice(0, MAX_PROBLEMS), file);
}

/** Checks the job as when it was created: its parts may contradict each other in an edited file. */
function parseSpec(file: string, spec: unknown): JobSpec {
  try {
    return parseJob(spec);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const problems = error.problems.map(({ path, message }) => ({ path: ['spec', ...path], message }));
    throw new InvalidInput(problems.slice(0, MAX_PROBLEMS), file);
  }
}

function parseJson(file: string, text: string): unknown {
  const refuse = (message: string): InvalidInput => new InvalidInput([{ path: [], message }], file);
  if (!text.trim()) throw refuse('is empty; gradsmith export JOB -o FILE writes a job to a file');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw refuse(`is not JSON: ${(error as Error).message}`);
  }
  if (isDeeperThan(body, MAX_DEPTH)) throw refuse(`is nested more than ${MAX_DEPTH} levels deep`);
  return body;
}

/** Visits level after level: a recursive function would exhaust the stack that this protects. */
function isDeeperThan(value: unknown, depth: number): boolean {
  let level: unknown[] = [value];
  for (let i = 0; i <= depth && level.length; i++)
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  return level.length > 0;
}
