import { existsSync, readFileSync } from 'node:fs';
import { exportJob, InvalidInput, jobDocumentSchema, NotFound, type JobDocument } from '@gradsmith/core';
import { z } from 'zod';
import { openLedger } from './embedded/open.ts';

export interface SourceOptions {
  /** Folder of an embedded ledger. */
  data: string;
  /** URL of a Gradsmith API; takes precedence. */
  server?: string;
}

/** Reads a whole job: from a server, from an exported file, or from the embedded ledger. */
export async function readDocument(job: string, { data, server }: SourceOptions): Promise<JobDocument> {
  if (server) return fromServer(job, server);
  if (job.endsWith('.json') && existsSync(job)) return parseJobDocument(JSON.parse(readFileSync(job, 'utf8')), job);
  if (!existsSync(data)) throw new NotFound(`the folder ${data} with the ledger (say --data or --server)`);
  const ledger = await openLedger(data);
  try {
    return await exportJob(ledger, job);
  } finally {
    await ledger.store.close();
  }
}

async function fromServer(job: string, server: string): Promise<JobDocument> {
  const url = new URL(`/v1/jobs/${encodeURIComponent(job)}/export`, server);
  const response = await fetch(url).catch((error: unknown) => {
    throw new Error(`${server} does not answer (${String((error as Error).cause ?? error)}); is the service up? Try: curl ${server}/healthz`);
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${server} refused: ${(body as { detail?: string }).detail ?? response.statusText}`);
  return parseJobDocument(body, url.href);
}

function parseJobDocument(body: unknown, where: string): JobDocument {
  const parsed = jobDocumentSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new InvalidInput([{ path: [], message: z.prettifyError(parsed.error) }], where);
}
