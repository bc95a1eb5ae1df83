import {
  jobResourceSchema,
  jobStatusSchema,
  jobSummarySchema,
  createPageSchema,
  trialResourceSchema,
  workerResourceSchema,
  type JobResource,
  type JobStatus,
  type JobSummary,
  type TrialResource,
} from '@gradsmith/contract';
import { jobDocumentSchema, type JobDocument } from '@gradsmith/core/jobs';
import { type JobSpec } from '@gradsmith/core/spec';
import { z } from 'zod';
import { Server } from '../server.ts';
import type { Host, JobQuery, LiveWorker, Page, Steer, TrialQuery } from './host.ts';

const jobPage = createPageSchema(jobSummarySchema);
const trialPage = createPageSchema(trialResourceSchema);
const workerList = z.strictObject({ items: z.array(workerResourceSchema) });
const trialWithCurve = trialResourceSchema.extend({ curve: z.array(z.number()) });

/** The jobs of a service, over its REST API. */
export class ServerHost implements Host {
  readonly flags: string;
  readonly #server: Server;

  constructor(url: string, isDefault: boolean) {
    this.#server = new Server(url);
    this.flags = isDefault ? '' : `--server ${this.#server.url}`;
  }

  get name(): string {
    return this.#server.url;
  }

  /** Creates the job; the same key with the same job finds the first one. */
  async submit(spec: JobSpec, idempotencyKey: string): Promise<{ job: JobResource; created: boolean }> {
    const { body, status } = await this.#server.call('/v1/jobs', jobResourceSchema, {
      method: 'POST',
      body: spec,
      headers: { 'idempotency-key': idempotencyKey },
    });
    return { job: body, created: status === 201 };
  }

  async list({ limit, cursor, state, name, labels }: JobQuery): Promise<Page<JobSummary>> {
    return (await this.#server.call('/v1/jobs', jobPage, { query: { limit, cursor, state, name, label: labels } }))
      .body;
  }

  async spec(id: string): Promise<JobSpec> {
    return (await this.#server.call(at(id), jobResourceSchema)).body.spec;
  }

  async status(id: string): Promise<JobStatus> {
    return (await this.#server.call(at(id, 'status'), jobStatusSchema)).body;
  }

  async trials(id: string, { limit, cursor, state, role }: TrialQuery): Promise<Page<TrialResource>> {
    return (await this.#server.call(at(id, 'trials'), trialPage, { query: { limit, cursor, state, role } })).body;
  }

  async trial(id: string, trial: string): Promise<TrialResource & { curve: number[] }> {
    return (await this.#server.call(at(id, 'trials', trial), trialWithCurve)).body;
  }

  async document(id: string): Promise<JobDocument> {
    return (await this.#server.call(at(id, 'export'), jobDocumentSchema)).body;
  }

  async importDocument(document: JobDocument): Promise<{ id: string; created: boolean }> {
    const { body, status } = await this.#server.call('/v1/jobs/import', jobResourceSchema, {
      method: 'POST',
      body: document,
    });
    return { id: body.id, created: status === 201 };
  }

  async steer(id: string, move: Steer): Promise<JobStatus> {
    return (await this.#server.call(at(id, move), jobStatusSchema, { method: 'POST' })).body;
  }

  async extend(id: string, trials: number): Promise<JobStatus> {
    return (await this.#server.call(at(id, 'extend'), jobStatusSchema, { method: 'POST', body: { trials } })).body;
  }

  async remove(id: string): Promise<void> {
    await this.#server.call(at(id), z.unknown(), { method: 'DELETE' });
  }

  async workers(): Promise<LiveWorker[]> {
    const { items } = (await this.#server.call('/v1/workers', workerList)).body;
    return items.map(({ name, runtime, slots, trials }) => ({
      name,
      runtime,
      slots,
      busy: trials.map(({ job, trial }) => `${job}/${trial}`),
    }));
  }

  async close(): Promise<void> {}
}

function at(...parts: string[]): string {
  return `/v1/jobs/${parts.map(encodeURIComponent).join('/')}`;
}
