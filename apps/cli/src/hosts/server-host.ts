import {
  enqueuedSchema,
  jobPageSchema,
  jobResourceSchema,
  jobStatusSchema,
  trialChangesSchema,
  trialPageSchema,
  trialResourceSchema,
  trialDetailSchema,
  workerResourceSchema,
  type EnqueuedResource,
  type JobPage,
  type JobResource,
  type JobStatus,
  type TrialResource,
  type TrialDetail,
} from '@gradsmith/contract';
import type { Page } from '@gradsmith/core/domain';
import { jobDocumentSchema, type JobChanges, type JobDocument } from '@gradsmith/core/jobs';
import { type JobSpec } from '@gradsmith/core/spec';
import type { Changes, Host, JobQuery, LiveWorker, Steer, TrialQuery } from './host.ts';
import { Service } from './service.ts';

/** The jobs of a service, over its REST API. */
export class ServerHost implements Host {
  readonly flags: string;
  readonly isLocal = false;
  readonly #service: Service;

  constructor(url: string, isDefault: boolean) {
    this.#service = new Service(url);
    this.flags = isDefault ? '' : `--server ${this.#service.url}`;
  }

  get name(): string {
    return this.#service.url;
  }

  /** Creates the job; the same key with the same job finds the first one. */
  async submit(spec: JobSpec, key: string): Promise<{ job: JobResource; created: boolean }> {
    const { resource, created } = await this.#service.call((client) => client.createOrFind(spec, { key }));
    return { job: this.#service.check(jobResourceSchema, resource), created };
  }

  async list({ limit, cursor, labels = [], idStart: id, ...query }: JobQuery): Promise<JobPage> {
    const page = { limit, cursor: cursor ?? null };
    return this.#service.read(jobPageSchema, (client) => client.listJobsPage({ ...query, id, label: labels }, page));
  }

  async spec(id: string): Promise<JobSpec> {
    return (await this.job(id)).spec;
  }

  async job(id: string): Promise<JobResource> {
    return this.#service.read(jobResourceSchema, (client) => client.job(id));
  }

  async status(id: string): Promise<JobStatus> {
    return this.#service.read(jobStatusSchema, (client) => client.status(id));
  }

  async trials(id: string, { limit, cursor, ...query }: TrialQuery): Promise<Page<TrialResource>> {
    const page = { limit, cursor: cursor ?? null };
    return this.#service.read(trialPageSchema, (client) => client.listTrialsPage(id, query, page));
  }

  async changedTrials(id: string, after: number): Promise<Changes> {
    const page = await this.#service.read(trialChangesSchema, (client) => client.changedTrials(id, { after }));
    return { items: page.items, seq: page.seq ?? after, hasMore: page.next !== null };
  }

  async trial(id: string, trial: string): Promise<TrialDetail> {
    return this.#service.read(trialDetailSchema, (client) => client.trial(id, trial));
  }

  async document(id: string): Promise<JobDocument> {
    return this.#service.read(jobDocumentSchema, (client) => client.export(id));
  }

  documentTexts(id: string): AsyncIterable<string> {
    return this.#service.readJson((client) => client.streamExport(id));
  }

  async importDocument(document: JobDocument): Promise<{ id: string; created: boolean }> {
    const { resource, created } = await this.#service.call((client) => client.importOrFind(document));
    return { id: this.#service.check(jobResourceSchema, resource).id, created };
  }

  async steer(id: string, move: Steer): Promise<JobStatus> {
    return this.#service.read(jobStatusSchema, (client) => client[move](id));
  }

  async extend(id: string, trials: number): Promise<JobStatus> {
    return this.#service.read(jobStatusSchema, (client) => client.extend(id, trials));
  }

  async retry(id: string, trial: string): Promise<EnqueuedResource> {
    return this.#service.read(enqueuedSchema, (client) => client.retry(id, trial));
  }

  async invalidate(id: string, trial: string, reason: string): Promise<TrialResource> {
    return this.#service.read(trialResourceSchema, (client) => client.invalidate(id, trial, reason));
  }

  async enqueue(id: string, point: Readonly<Record<string, number | string | boolean>>): Promise<EnqueuedResource> {
    return this.#service.read(enqueuedSchema, (client) => client.enqueue(id, point));
  }

  async edit(id: string, changes: JobChanges): Promise<void> {
    await this.#service.read(jobResourceSchema, (client) => client.edit(id, changes));
  }

  async remove(id: string): Promise<void> {
    await this.#service.call((client) => client.delete(id));
  }

  async workers(): Promise<LiveWorker[]> {
    const workers = await this.#service.read(workerResourceSchema.array(), (client) => client.workers());
    return workers.map(({ name, runtime, slots, trials }) => ({
      name,
      runtime,
      slots,
      busy: trials.map(({ job, trial }) => `${job}/${trial}`),
    }));
  }

  async close(): Promise<void> {}
}
