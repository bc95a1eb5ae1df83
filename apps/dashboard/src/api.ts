import type {
  JobResource,
  JobStatus,
  JobSummary,
  ParameterImportance,
  ProblemDetails,
  TrialResource,
  WorkerResource,
} from '@gradsmith/contract';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** An answer of the service that says no: its problem details, or what there is of them. */
export class ApiProblem extends Error {
  readonly status: number;
  /** What is wrong, and where in the request (JSON pointer). */
  readonly problems: readonly { readonly pointer: string; readonly message: string }[];

  constructor(status: number, details: Partial<ProblemDetails>) {
    super(details.detail ?? `the service answered ${status}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.problems = details.problems ?? [];
  }
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** The service answers within 15 s or says that it cannot; what takes longer is away, ms. */
const TIMEOUT_MS = 30_000;
/** It may fit a model first. */
const IMPORTANCE_TIMEOUT_MS = 90_000;
/** To the last byte of a file. */
const FILE_TIMEOUT_MS = 600_000;

/**
 * The part of the REST API that the page uses. Every call throws ApiProblem, TypeError where the service is not
 * reached, or a TimeoutError where it does not answer.
 */
export class Api {
  readonly #base: string;
  readonly #key: () => string | null;

  /** @param key gives the API key to send, null for none */
  constructor(base: string, key: () => string | null) {
    this.#base = base;
    this.#key = key;
  }

  jobs(query: Query, signal: AbortSignal): Promise<Page<JobSummary>> {
    return this.#json('GET', `/v1/jobs${queryText(query)}`, { signal });
  }

  job(id: string, signal: AbortSignal): Promise<JobResource> {
    return this.#json('GET', jobPath(id), { signal });
  }

  /** null: nothing has changed since the answer that had this ETag. */
  async status(
    id: string,
    etag: string | null,
    signal: AbortSignal,
  ): Promise<{ status: JobStatus; etag: string | null } | null> {
    const response = await this.#send('GET', `${jobPath(id)}/status`, {
      signal,
      headers: etag ? { 'if-none-match': etag } : {},
    });
    if (response.status === 304) return null;
    return { status: (await response.json()) as JobStatus, etag: response.headers.get('etag') };
  }

  trials(id: string, query: Query, signal: AbortSignal): Promise<Page<TrialResource>> {
    return this.#json('GET', `${jobPath(id)}/trials${queryText(query)}`, { signal });
  }

  trial(
    id: string,
    trial: string,
    signal?: AbortSignal,
  ): Promise<TrialResource & { readonly curve: readonly number[] }> {
    return this.#json('GET', `${jobPath(id)}/trials/${encodeURIComponent(trial)}`, { signal });
  }

  importance(id: string, signal: AbortSignal): Promise<{ readonly items: readonly ParameterImportance[] }> {
    return this.#json('GET', `${jobPath(id)}/importance`, { signal, timeoutMs: IMPORTANCE_TIMEOUT_MS });
  }

  steer(id: string, move: 'pause' | 'resume' | 'cancel'): Promise<JobStatus> {
    return this.#json('POST', `${jobPath(id)}/${move}`);
  }

  extend(id: string, trials: number): Promise<JobStatus> {
    return this.#json('POST', `${jobPath(id)}/extend`, { body: { trials } });
  }

  async remove(id: string): Promise<void> {
    await this.#send('DELETE', jobPath(id));
  }

  /** @param key the same key with the same job makes one job only, however often it is sent */
  create(job: unknown, key: string): Promise<JobResource> {
    return this.#json('POST', '/v1/jobs', { body: job, headers: { 'idempotency-key': key } });
  }

  workers(signal: AbortSignal): Promise<{ readonly items: readonly WorkerResource[] }> {
    return this.#json('GET', '/v1/workers', { signal });
  }

  /** A file of the job, for saving. */
  async file(id: string, name: 'export' | 'trials.csv' | 'trials.jsonl'): Promise<Blob> {
    return (await this.#send('GET', `${jobPath(id)}/${name}`, { timeoutMs: FILE_TIMEOUT_MS })).blob();
  }

  async #json<T>(method: string, path: string, request: ApiRequest = {}): Promise<T> {
    return (await (await this.#send(method, path, request)).json()) as T;
  }

  async #send(
    method: string,
    path: string,
    { body, headers, signal, timeoutMs = TIMEOUT_MS }: ApiRequest = {},
  ): Promise<Response> {
    const key = this.#key();
    const response = await fetch(`${this.#base}${path}`, {
      method,
      // The status has an ETag of its own, and nothing else may come from the browser's cache.
      cache: 'no-store',
      headers: {
        ...headers,
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(timeoutMs)]),
    });
    if (response.ok || response.status === 304) return response;
    throw new ApiProblem(response.status, await problemOf(response));
  }
}

interface ApiRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

async function problemOf(response: Response): Promise<Partial<ProblemDetails>> {
  try {
    return (await response.json()) as ProblemDetails;
  } catch {
    return {};
  }
}

function jobPath(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length ? `?${new URLSearchParams(given)}` : '';
}
