import { InvalidInput } from '@gradsmith/core/domain';
import { parseJob, type JobSpec } from '@gradsmith/core/spec';
import type { Document } from 'yaml';
import type { Finding } from './finding.ts';
import { locateProblem } from './locate-problem.ts';
import { readYaml } from './read-yaml.ts';

export interface CheckedText {
  readonly document: Document;
  /** The job as it was written; null if the text cannot be read. */
  readonly job: unknown;
  /** The job with every default filled in; null if there are findings. */
  readonly spec: JobSpec | null;
  readonly findings: readonly Finding[];
}

/** Reads a job text, YAML or JSON, and checks it by the schema that the service uses. */
export function checkJobText(text: string): CheckedText {
  const { document, value: job, findings } = readYaml(text);
  const refuse = (...found: Finding[]): CheckedText => ({ document, job, spec: null, findings: found });
  if (findings.length) return refuse(...findings);
  const shape = describeShape(job);
  if (shape !== null) return refuse({ message: shape, place: '', path: [], from: 0, to: text.length });
  try {
    return { document, job, spec: parseJob(job), findings: [] };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return refuse(...error.problems.map((problem) => locateProblem(document, text, problem)));
  }
}

/** Says why something that is not a map of fields is not a job; null for a map. */
function describeShape(job: unknown): string | null {
  if (job === null || job === undefined) return 'is empty; a job has at least name, objective and search';
  if (typeof job === 'object' && !Array.isArray(job)) return null;
  const found = Array.isArray(job) ? 'a list' : `the value ${JSON.stringify(job)?.slice(0, 40)}`;
  return `must be a map of fields such as name: my-job, not ${found}`;
}
