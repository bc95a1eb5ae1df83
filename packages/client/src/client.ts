import type {
  AskedTrial,
  AskedTrials,
  AskManyRequest,
  AskRequest,
  Catalogue,
  EnqueuedResource,
  FailRequest,
  FieldName,
  HeartbeatRequest,
  JobPage,
  JobResource,
  JobStatus,
  JobSummary,
  JobModel,
  ParameterImportance,
  Selected,
  TellManyAnswer,
  TellManyRequest,
  TellRequest,
  TrialCurve,
  TrialResource,
  TrialDetail,
  TrialRows,
  WorkerResource,
} from '@gradsmith/contract';
import type { CloneInput, JobChanges, JobDocument } from '@gradsmith/core/jobs';
import type { SampledBFunction } from '@gradsmith/core/objective';
import type { JobInput } from '@gradsmith/core/spec';
import { Calls, buildCreation, buildPath } from './calls.ts';
import { ALL, followEvents, type EventOptions, type JobEvent, type JobsEvent } from './events.ts';
import { ApiProblem } from './problem.ts';
import type {
  Answer,
  Created,
  CreateOptions,
  FieldChoice,
  JobFile,
  JobQuery,
  Page,
  PageRequest,
  Point,
  TrialQuery,
} from './queries.ts';
import { pause } from './time.ts';
import { Transport, type Call, type ClientOptions } from './transport.ts';

/** The service may fit a model before it answers. */
const IMPORTANCE_TIMEOUT_MS = 90_000;
/** To the last byte of a file or a document. */
const FILE_TIMEOUT_MS = 600_000;

/**
 * The REST API, typed. Calls are repeated while the service is unavailable or busy (see ClientOptions), which is always
 * safe. They throw ApiProblem for a refusal, and ConnectionError if the service is not reached.
 */
export class Gradsmith {
  readonly #transport: Transport;
  readonly #calls: Calls;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
    this.#calls = new Calls(this.#transport);
  }

  // Jobs

  /** Creates a job. It is stored durably when this resolves. */
  create(job: JobInput, options: CreateOptions = {}): Promise<JobResource> {
    return this.#calls.create('/v1/jobs', job, options);
  }

  /** Creates a job like `create`, and returns whether it is new: an earlier call can have created it. */
  createOrFind(job: JobInput, options: CreateOptions = {}): Promise<Created<JobResource>> {
    return this.#calls.createOrFind('/v1/jobs', buildCreation(job, options));
  }

  job(id: string, signal?: AbortSignal): Promise<JobResource> {
    return this.#transport.json(buildPath(id), { signal });
  }

  /** As `job`, with only some fields. */
  selectJob<const F extends FieldName<JobResource>>(
    id: string,
    { fields, signal }: FieldChoice<F>,
  ): Promise<Selected<JobResource, F>> {
    return this.#transport.json(buildPath(id), { signal, query: { fields: fields.join(',') } });
  }

  /** Returns all jobs that match the query, and reads them page by page. */
  jobs(query: JobQuery = {}, signal?: AbortSignal): AsyncGenerator<JobSummary, void, undefined> {
    return this.#calls.readPages('/v1/jobs', { ...query }, signal);
  }

  /** Reads one page of the jobs that match the query. */
  listJobsPage(query: JobQuery, page: PageRequest, signal?: AbortSignal): Promise<JobPage> {
    return this.#calls.readPage('/v1/jobs', { ...query }, page, signal);
  }

  /** As `jobs`, with only some fields. */
  selectJobs<const F extends FieldName<JobSummary>>(
    query: JobQuery,
    { fields, signal }: FieldChoice<F>,
  ): AsyncGenerator<Selected<JobSummary, F>, void, undefined> {
    return this.#calls.readPages('/v1/jobs', { ...query, fields: fields.join(',') }, signal);
  }

  status(id: string, signal?: AbortSignal): Promise<JobStatus> {
    return this.#transport.json(buildPath(id, 'status'), { signal });
  }

  /** Returns the status if it has changed since the answer with this ETag, otherwise null. For polling. */
  async statusIfChanged(
    id: string,
    etag: string | null,
    signal?: AbortSignal,
  ): Promise<{ status: JobStatus; etag: string | null } | null> {
    const response = await this.#transport.send(buildPath(id, 'status'), {
      signal,
      headers: etag ? { 'if-none-match': etag } : {},
    });
    if (response.status === 304) return null;
    return { status: (await response.json()) as JobStatus, etag: response.headers.get('etag') };
  }

  /** Resolves when the job has finished. Reads its status every `everyMs`, by default once a second. */
  async waitUntilFinished(
    id: string,
    { everyMs = 1_000, signal }: { everyMs?: number; signal?: AbortSignal } = {},
  ): Promise<JobStatus> {
    for (let etag: string | null = null; ; await pause(everyMs, signal)) {
      const changed = await this.statusIfChanged(id, etag, signal);
      if (changed?.status.phase === 'finished') return changed.status;
      etag = changed?.etag ?? etag;
    }
  }

  pause(id: string): Promise<JobStatus> {
    return this.#calls.post(buildPath(id, 'pause'));
  }

  resume(id: string): Promise<JobStatus> {
    return this.#calls.post(buildPath(id, 'resume'));
  }

  cancel(id: string): Promise<JobStatus> {
    return this.#calls.post(buildPath(id, 'cancel'));
  }

  /** @param trials the new total budget */
  extend(id: string, trials: number): Promise<JobStatus> {
    return this.#calls.post(buildPath(id, 'extend'), { trials });
  }

  /**
   * Changes the name, labels (null removes one, or all), priority (null: 0) or notes (null removes them) of a job. What
   * is left out stays as it is.
   */
  edit(id: string, changes: JobChanges): Promise<JobResource> {
    return this.#transport.json(buildPath(id), { method: 'PATCH', body: changes });
  }

  async delete(id: string): Promise<void> {
    await this.#transport.send(buildPath(id), { method: 'DELETE' });
  }

  clone(
    id: string,
    changes: CloneInput = {},
    options: CreateOptions = {},
  ): Promise<JobResource & { observed: number; enqueued: number; skipped: number }> {
    return this.#calls.create(buildPath(id, 'clone'), changes, options);
  }

  export(id: string, signal?: AbortSignal): Promise<JobDocument> {
    return this.#transport.json(buildPath(id, 'export'), { signal, timeoutMs: FILE_TIMEOUT_MS });
  }

  /** As `export`, with the text as it arrives: that of a large job is too long for one string. */
  streamExport(id: string, signal?: AbortSignal): Promise<Response> {
    return this.#transport.send(buildPath(id, 'export'), { signal, stream: true });
  }

  /** Downloads a file of the job. */
  async downloadFile(id: string, name: JobFile, signal?: AbortSignal): Promise<Blob> {
    return (await this.#transport.send(buildPath(id, name), { signal, timeoutMs: FILE_TIMEOUT_MS })).blob();
  }

  import(document: JobDocument): Promise<JobResource> {
    return this.#transport.json('/v1/jobs/import', buildImport(document));
  }

  /** Imports a job like `import`, and returns whether it is new. */
  importOrFind(document: JobDocument): Promise<Created<JobResource>> {
    return this.#calls.createOrFind('/v1/jobs/import', buildImport(document));
  }

  // Trials

  /** Returns all trials of a job that match the query, and reads them page by page. */
  trials(id: string, query: TrialQuery = {}, signal?: AbortSignal): AsyncGenerator<TrialResource, void, undefined> {
    return this.#calls.readPages(buildPath(id, 'trials'), { ...query }, signal);
  }

  /** As `trials`, with only some fields. */
  selectTrials<const F extends FieldName<TrialResource>>(
    id: string,
    query: TrialQuery,
    { fields, signal }: FieldChoice<F>,
  ): AsyncGenerator<Selected<TrialResource, F>, void, undefined> {
    return this.#calls.readPages(buildPath(id, 'trials'), { ...query, fields: fields.join(',') }, signal);
  }

  /** Reads one page of the trials that match the query. */
  listTrialsPage(id: string, query: TrialQuery, page: PageRequest, signal?: AbortSignal): Promise<Page<TrialResource>> {
    return this.#calls.readPage(buildPath(id, 'trials'), { ...query }, page, signal);
  }

  /** As `listTrialsPage`, with only some fields. */
  selectTrialsPage<const F extends FieldName<TrialResource>>(
    id: string,
    query: TrialQuery,
    page: PageRequest,
    { fields, signal }: FieldChoice<F>,
  ): Promise<Page<Selected<TrialResource, F>>> {
    return this.#calls.readPage(buildPath(id, 'trials'), { ...query, fields: fields.join(',') }, page, signal);
  }

  /**
   * Returns the trials that have moved since a change of the job, at most about `limit`. Pass `seq` as `after` of the
   * next call; if `next` is not null, call again at once.
   */
  changedTrials(
    id: string,
    { after, limit = 1_000 }: { after: number; limit?: number },
    signal?: AbortSignal,
  ): Promise<Page<TrialResource> & { readonly seq: number }> {
    return this.#transport.json(buildPath(id, 'trials'), { signal, query: { after, limit } });
  }

  /**
   * Lists the trials of a job as rows, for jobs of many trials. `columns` are names separated by commas, by default
   * `id,state,value,point`.
   */
  trialRows(
    id: string,
    query: Pick<TrialQuery, 'state' | 'role'> & { columns?: string },
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<TrialRows> {
    return this.#transport.json(buildPath(id, 'trial-rows'), {
      signal,
      query: { ...query, limit: page.limit, cursor: page.cursor ?? undefined },
    });
  }

  trial(id: string, trial: string, signal?: AbortSignal): Promise<TrialDetail> {
    return this.#transport.json(buildPath(id, 'trials', trial), { signal });
  }

  /** As `trial`, with only some fields. The curve is not read without its name. */
  selectTrial<const F extends FieldName<TrialDetail>>(
    id: string,
    trial: string,
    { fields, signal }: FieldChoice<F>,
  ): Promise<Selected<TrialDetail, F>> {
    return this.#transport.json(buildPath(id, 'trials', trial), { signal, query: { fields: fields.join(',') } });
  }

  /** Returns the best complete trials, best first. */
  async best(id: string, limit = 10, signal?: AbortSignal): Promise<TrialResource[]> {
    return (await this.#transport.json<{ items: TrialResource[] }>(buildPath(id, 'best'), { query: { limit }, signal }))
      .items;
  }

  /** Returns the b-functions of a trial on a grid of pre-activations. */
  async bFunctions(
    id: string,
    trial: string,
    grid: { low?: number; high?: number; points?: number } = {},
    signal?: AbortSignal,
  ): Promise<SampledBFunction[]> {
    return (
      await this.#transport.json<{ functions: SampledBFunction[] }>(buildPath(id, 'trials', trial, 'b-function'), {
        query: { ...grid },
        signal,
      })
    ).functions;
  }

  /** Returns the curves of up to 100 trials, thinned out to 200 steps each. */
  async curves(id: string, trials: readonly string[], signal?: AbortSignal): Promise<TrialCurve[]> {
    const query = { trials: trials.join(',') };
    return (await this.#transport.json<{ items: TrialCurve[] }>(buildPath(id, 'curves'), { query, signal })).items;
  }

  /** Returns the share of the variation of the value that each parameter explains, largest first. */
  async importance(id: string, signal?: AbortSignal): Promise<ParameterImportance[]> {
    const answer = await this.#transport.json<{ items: ParameterImportance[] }>(buildPath(id, 'importance'), {
      signal,
      timeoutMs: IMPORTANCE_TIMEOUT_MS,
    });
    return answer.items;
  }

  /** Returns what the model of the job expects around the best point: along each parameter, and over two of them. */
  model(id: string, pair: { x: string; y: string } | null = null, signal?: AbortSignal): Promise<JobModel> {
    return this.#transport.json(buildPath(id, 'model'), {
      query: { ...pair },
      signal,
      timeoutMs: IMPORTANCE_TIMEOUT_MS,
    });
  }

  enqueue(id: string, point: Point, options: CreateOptions = {}): Promise<EnqueuedResource> {
    return this.#calls.create(buildPath(id, 'trials'), { point }, options);
  }

  retry(id: string, trial: string): Promise<EnqueuedResource> {
    return this.#calls.post(buildPath(id, 'trials', trial, 'retry'));
  }

  invalidate(id: string, trial: string, reason: string): Promise<TrialResource> {
    return this.#calls.post(buildPath(id, 'trials', trial, 'invalidate'), { reason });
  }

  // External objectives; `work` makes these calls

  ask(id: string, request: AskRequest, signal?: AbortSignal): Promise<AskedTrial> {
    return this.#calls.post(buildPath(id, 'ask'), request, signal);
  }

  /** As `ask`, for up to 100 trials: one UUID for each. Returns as many as are free. */
  askMany(id: string, request: AskManyRequest, signal?: AbortSignal): Promise<AskedTrials> {
    return this.#calls.post(buildPath(id, 'ask-many'), request, signal);
  }

  /** As `tell`, for up to 100 trials. Each has its own answer; `refused` counts the results that do not count. */
  tellMany(id: string, results: TellManyRequest['results']): Promise<TellManyAnswer> {
    return this.#calls.post(buildPath(id, 'tell-many'), { results });
  }

  heartbeat(
    id: string,
    trial: string,
    request: HeartbeatRequest,
    signal?: AbortSignal,
  ): Promise<Answer<'continue' | 'prune' | 'cancel' | 'stale'>> {
    return this.#calls.post(buildPath(id, 'trials', trial, 'heartbeat'), request, signal);
  }

  tell(
    id: string,
    trial: string,
    request: TellRequest,
  ): Promise<Answer<'reported' | 'already' | 'conflict' | 'stale' | 'failed'>> {
    return this.#settle(buildPath(id, 'trials', trial, 'tell'), request);
  }

  release(id: string, trial: string, attempt: string, reason = 'released'): Promise<Answer<'released' | 'stale'>> {
    return this.#settle(buildPath(id, 'trials', trial, 'release'), { attempt, reason });
  }

  fail(id: string, trial: string, request: FailRequest): Promise<Answer<'failed' | 'retry' | 'stale'>> {
    return this.#settle(buildPath(id, 'trials', trial, 'fail'), request);
  }

  /** Returns the answer also if it is a refusal, which the service sends as a problem (409). */
  async #settle<A extends string>(path: string, body: unknown): Promise<Answer<A>> {
    try {
      return await this.#calls.post(path, body);
    } catch (error) {
      if (error instanceof ApiProblem && error.answer) return { answer: error.answer as A };
      throw error;
    }
  }

  // Events and the service

  /**
   * Returns the changes of a job, also across interruptions. Finishes when the job is deleted. Throws the signal's
   * reason when it aborts.
   */
  events(id: string, options: EventOptions = {}): AsyncGenerator<JobEvent, void, undefined> {
    return followEvents<JobEvent>(this.#transport, buildPath(id, 'events'), options);
  }

  /** Returns the changes of all jobs. */
  allEvents(options: EventOptions = {}): AsyncGenerator<JobsEvent, void, undefined> {
    return followEvents<JobsEvent>(this.#transport, ALL, options);
  }

  async workers(signal?: AbortSignal): Promise<WorkerResource[]> {
    return (await this.#transport.json<{ items: WorkerResource[] }>('/v1/workers', { signal })).items;
  }

  catalogue(signal?: AbortSignal): Promise<Catalogue> {
    return this.#transport.json('/v1/catalogue', { signal });
  }

  /** Resolves if the service is ready; otherwise throws what the other calls throw. */
  async checkReady(signal?: AbortSignal): Promise<void> {
    await this.#transport.send('/readyz', { signal });
  }
}

function buildImport(document: JobDocument): Call {
  return { method: 'POST', body: document, timeoutMs: FILE_TIMEOUT_MS };
}
