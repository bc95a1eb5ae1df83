import { existsSync, readFileSync } from 'node:fs';
import { InvalidInput } from '@gradsmith/core/domain';
import { jobDocumentSchema, upgradeDocument, type JobDocument } from '@gradsmith/core/jobs';
import { z } from 'zod';
import { findJob } from './hosts/find-job.ts';
import { withOpenHost, type HostOptions } from './hosts/open-host.ts';

/** Reads a whole job: from an exported file where `job` names one, else from the host. */
export async function readDocument(job: string | undefined, at: Partial<HostOptions>): Promise<JobDocument> {
  if (job?.endsWith('.json') && existsSync(job)) return readDocumentFile(job);
  return withOpenHost(at, async (host) => host.document(await findJob(host, job)));
}

/** Reads an exported job. Throws InvalidInput that names the file. */
export function readDocumentFile(file: string): JobDocument {
  const text = readFileSync(file, 'utf8');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new InvalidInput([{ path: [], message: `is not JSON: ${(error as Error).message}` }], file);
  }
  const parsed = jobDocumentSchema.safeParse(upgradeDocument(body));
  if (parsed.success) return parsed.data;
  throw new InvalidInput([{ path: [], message: z.prettifyError(parsed.error) }], file);
}
