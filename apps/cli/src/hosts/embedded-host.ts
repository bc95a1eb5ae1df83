import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  toJobResource,
  toJobStatus,
  toJobSummary,
  toTrialDetail,
  toTrialResource,
  type EnqueuedResource,
  type JobPage,
  type JobResource,
  type JobStatus,
  type TrialResource,
  type TrialDetail,
} from '@gradsmith/contract';
import { InvalidInput, isActive, quoteArgument, toProblems, type Page } from '@gradsmith/core/domain';
import {
  deleteJob,
  editJob,
  exportJob,
  extendJob,
  importJob,
  steerJob,
  listJobs,
  jobChangesSchema,
  type JobChanges,
  type JobDocument,
  readJobStatus,
  streamJobDocument,
} from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { type WorkerInfo } from '@gradsmith/core/ports';
import { type JobSpec } from '@gradsmith/core/spec';
import {
  enqueuePoint,
  invalidateTrial,
  listChangedTrials,
  listTrials,
  readTrial,
  readTrialDetail,
  retryTrial,
} from '@gradsmith/core/trials';
import { getOwnerName } from '../embedded/lease-owner.ts';
import { LEDGER_FILE, openLedger } from '../embedded/open.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Changes, Host, JobQuery, LiveWorker, Steer, TrialQuery } from './host.ts';

/** The jobs of the ledger in a folder. */
export class EmbeddedHost implements Host {
  readonly name: string;
  readonly flags: string;
  readonly isLocal = true;
  readonly ledger: Ledger;

  constructor(ledger: Ledger, dataDir: string, isDefault: boolean) {
    this.ledger = ledger;
    this.name = dataDir;
    this.flags = isDefault ? '' : `--data ${quoteArgument(dataDir)}`;
  }

  /** Opens an existing ledger. It creates none, so that a mistyped folder is noticed. */
  static async open(dataDir: string, isDefault: boolean): Promise<EmbeddedHost> {
    if (!existsSync(join(dataDir, LEDGER_FILE))) {
      throw new Failure(
        exitCodes.notFound,
        'no-ledger',
        `${dataDir} holds no ledger yet.\nRun a job first (gradsmith run FILE), or say where its jobs ` +
          `are: --data FOLDER, or --server URL.`,
      );
    }
    return new EmbeddedHost(await openLedger(dataDir), dataDir, isDefault);
  }

  async list(query: JobQuery): Promise<JobPage> {
    const { items, ...page } = await listJobs(this.ledger, query);
    return { items: items.map(toJobSummary), ...page };
  }

  async spec(id: string): Promise<JobSpec> {
    return (await this.ledger.readJob(id)).spec;
  }

  async job(id: string): Promise<JobResource> {
    return toJobResource(await this.ledger.readJob(id));
  }

  async status(id: string): Promise<JobStatus> {
    return toJobStatus(await readJobStatus(this.ledger, id, await this.#live(id)));
  }

  async trials(id: string, query: TrialQuery): Promise<Page<TrialResource>> {
    const { items, next } = await listTrials(this.ledger, id, query);
    return { items: items.map(toTrialResource), next };
  }

  async changedTrials(id: string, after: number): Promise<Changes> {
    const { items, ...rest } = await listChangedTrials(this.ledger, id, { after, limit: 1_000 });
    return { items: items.map(toTrialResource), ...rest };
  }

  async trial(id: string, trialId: string): Promise<TrialDetail> {
    return toTrialDetail(await readTrialDetail(this.ledger, id, trialId));
  }

  async document(id: string): Promise<JobDocument> {
    return exportJob(this.ledger, id);
  }

  async *documentTexts(id: string): AsyncGenerator<string> {
    yield* streamJobDocument(this.ledger, await this.ledger.readJob(id));
  }

  async importDocument(document: JobDocument): Promise<{ id: string; created: boolean }> {
    return importJob(this.ledger, document);
  }

  async steer(id: string, move: Steer): Promise<JobStatus> {
    await steerJob(this.ledger, id, move, move === 'cancel' ? 'cancelled on the command line' : null);
    return this.status(id);
  }

  async extend(id: string, trials: number): Promise<JobStatus> {
    await extendJob(this.ledger, id, trials);
    return this.status(id);
  }

  async retry(id: string, trial: string): Promise<EnqueuedResource> {
    return retryTrial(this.ledger, id, trial);
  }

  async invalidate(id: string, trial: string, reason: string): Promise<TrialResource> {
    await invalidateTrial(this.ledger, id, trial, reason);
    return toTrialResource(await readTrial(this.ledger, id, trial));
  }

  async enqueue(id: string, point: Readonly<Record<string, number | string | boolean>>): Promise<EnqueuedResource> {
    return enqueuePoint(this.ledger, id, { key: randomUUID(), caller: null }, point);
  }

  async edit(id: string, changes: JobChanges): Promise<void> {
    const parsed = jobChangesSchema.safeParse(changes);
    if (!parsed.success) throw new InvalidInput(toProblems(parsed.error, { schema: jobChangesSchema, input: changes }));
    await editJob(this.ledger, id, parsed.data);
  }

  async remove(id: string): Promise<void> {
    await deleteJob(this.ledger, id);
  }

  async workers(id: string): Promise<LiveWorker[]> {
    return (await this.#live(id)).map(({ name, runtime, slots, busy }) => ({ name, runtime, slots, busy }));
  }

  async close(): Promise<void> {
    await this.ledger.close();
  }

  /** Returns the process that runs the job, if there is one: it holds the job lease and executes the trials. */
  async #live(id: string): Promise<WorkerInfo[]> {
    const { now, job, spec, lease } = await this.ledger.readJob(id);
    if (!lease || lease.expiresAt <= now || !isActive(job.state)) return [];
    const open = await this.ledger.readTrials(id, job.open);
    const busy = open.filter(({ state }) => state === 'running').map((trial) => `${id}/${trial.id}`);
    const runtime = job.runtime ?? 'starting';
    return [
      {
        id: lease.owner,
        name: getOwnerName(lease.owner),
        runtime,
        backend: spec.objective.kind === 'training' ? spec.objective.backend : spec.objective.kind,
        slots: Math.max(1, job.open.length),
        busy,
      },
    ];
  }
}
