import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** Pauses before a busy server is asked again, ms. */
const PAUSES = [500, 1_000, 2_000, 4_000];
const TIMEOUT_MS = 60_000;
const busyStatuses: readonly number[] = [429, 502, 503, 504];
/** Runs in one answer. */
const PAGE = 1_000;

const tags = z.array(z.object({ key: z.string(), value: z.string() }));
const experimentSchema = z.object({ experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string() }) });
const createdExperimentSchema = z.object({ experiment_id: z.string() });
const runSchema = z.object({
  info: z.object({ run_id: z.string() }),
  data: z.object({ tags: tags.optional() }).optional(),
});
const createdRunSchema = z.object({ run: runSchema });
const runPageSchema = z.object({ runs: z.array(runSchema).optional(), next_page_token: z.string().optional() });
const problemSchema = z.object({ error_code: z.string(), message: z.string().optional() });

export interface Tag {
  key: string;
  value: string;
}

export interface Metric {
  key: string;
  value: number;
  /** Ms since 1970. */
  timestamp: number;
  step: number;
}

export interface Run {
  id: string;
  tags: ReadonlyMap<string, string>;
}

export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

/** The server did not answer. */
export class MlflowUnreachable extends Error {
  override readonly name = 'MlflowUnreachable';
}

/** The server refused a call, or is no MLflow server. */
export class MlflowRefused extends Error {
  override readonly name = 'MlflowRefused';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface MlflowAccess {
  /** Address of the tracking server, without `/api`. Its user and password are sent if there is no `authorization`. */
  url: string;
  /** Value of the `Authorization` header. */
  authorization?: string | undefined;
  /** Waits before a busy server is asked again. */
  wait?: (ms: number) => Promise<unknown>;
}

/** The calls of an MLflow tracking server that an export needs: REST API 2.0. */
export class MlflowClient {
  /** Address of the server, without user and password. */
  readonly url: string;
  readonly #headers: Record<string, string>;
  readonly #wait: (ms: number) => Promise<unknown>;

  constructor({ url, authorization, wait = delay }: MlflowAccess) {
    const address = splitAddress(url);
    this.#wait = wait;
    this.url = address.url;
    this.#headers = { 'content-type': 'application/json' };
    const sent = authorization ?? address.authorization;
    if (sent !== undefined) this.#headers.authorization = sent;
  }

  /** Returns the id of the experiment with this name, and creates it if there is none. */
  async ensureExperiment(name: string): Promise<string> {
    try {
      const path = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
      const { experiment } = this.#parse(experimentSchema, await this.#send('GET', path));
      if (experiment.lifecycle_stage === 'active') return experiment.experiment_id;
      const message = `the experiment ${name} was deleted; restore it in MLflow, or choose another name`;
      throw new MlflowRefused(409, 'EXPERIMENT_DELETED', message);
    } catch (error) {
      if (!(error instanceof MlflowRefused) || error.code !== 'RESOURCE_DOES_NOT_EXIST') throw error;
    }
    const created = await this.#send('POST', 'experiments/create', { name });
    return this.#parse(createdExperimentSchema, created).experiment_id;
  }

  /** Lists the runs of an experiment that are not deleted and match the filter. */
  async *listRuns(experimentId: string, filter: string): AsyncGenerator<Run> {
    let token: string | undefined;
    do {
      const query = { experiment_ids: [experimentId], filter, run_view_type: 'ACTIVE_ONLY', max_results: PAGE };
      const body = token === undefined ? query : { ...query, page_token: token };
      const page = this.#parse(runPageSchema, await this.#send('POST', 'runs/search', body));
      for (const { info, data } of page.runs ?? [])
        yield { id: info.run_id, tags: new Map(data?.tags?.map(({ key, value }) => [key, value])) };
      token = page.next_page_token;
    } while (token);
  }

  /** Returns the id of a new run. `startTime` is in ms since 1970. */
  async createRun(experimentId: string, name: string, startTime: number, tags: readonly Tag[]): Promise<string> {
    const body = { experiment_id: experimentId, run_name: name, start_time: startTime, tags };
    return this.#parse(createdRunSchema, await this.#send('POST', 'runs/create', body)).run.info.run_id;
  }

  async logBatch(runId: string, batch: { metrics?: readonly Metric[]; params?: readonly Tag[] }): Promise<void> {
    await this.#send('POST', 'runs/log-batch', { run_id: runId, ...batch });
  }

  async setTag(runId: string, tag: Tag): Promise<void> {
    await this.#send('POST', 'runs/set-tag', { run_id: runId, ...tag });
  }

  /** Sets status and end, in ms since 1970, of a run. */
  async updateRun(runId: string, status: RunStatus, endTime: number | null): Promise<void> {
    const body = { run_id: runId, status };
    await this.#send('POST', 'runs/update', endTime === null ? body : { ...body, end_time: endTime });
  }

  /** Moves a run to the deleted ones, from which it can be restored. */
  async deleteRun(runId: string): Promise<void> {
    await this.#send('POST', 'runs/delete', { run_id: runId });
  }

  async #send(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      const answer = await this.#request(method, path, body);
      const pause = busyStatuses.includes(answer.status) ? PAUSES[tries] : undefined;
      if (pause === undefined) return this.#read(answer);
      await this.#wait(pause);
    }
  }

  async #request(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const init: RequestInit = { method, headers: this.#headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (body) init.body = JSON.stringify(body);
    try {
      const response = await fetch(`${this.url}/api/2.0/mlflow/${path}`, init);
      return { status: response.status, isOk: response.ok, text: await response.text() };
    } catch (error) {
      const { cause: reason } = error as { cause?: { code?: string; message?: string } };
      const cause = reason?.code ?? reason?.message ?? (error as Error).name;
      throw new MlflowUnreachable(`the MLflow server at ${this.url} does not answer (${cause})`, { cause: error });
    }
  }

  #read({ status, isOk, text }: Answer): unknown {
    const body = parseJson(text);
    if (isOk && body !== undefined) return body;
    const problem = problemSchema.safeParse(body);
    if (!problem.success) throw this.#refuse(status);
    const { error_code: code, message } = problem.data;
    throw new MlflowRefused(status, code, `the MLflow server refused the export: ${message || code}`);
  }

  /** Reads an answer by its schema. Throws MlflowRefused if it is that of another server. */
  #parse<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.infer<Schema> {
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw this.#refuse(200);
    return parsed.data;
  }

  #refuse(status: number): MlflowRefused {
    const message = `${this.url} answered ${status} and not as an MLflow tracking server`;
    return new MlflowRefused(status, 'NOT_MLFLOW', message);
  }
}

interface Answer {
  status: number;
  isOk: boolean;
  text: string;
}

/** Splits `http://USER:PASSWORD@HOST`, which `fetch` refuses, into the address and an `Authorization` header. */
function splitAddress(given: string): { url: string; authorization?: string } {
  const address = new URL(given);
  const { username, password } = address;
  address.username = address.password = '';
  const url = address.href.replace(/\/+$/, '');
  if (!username && !password) return { url };
  const credentials = `${decodePart(username)}:${decodePart(password)}`;
  return { url, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** Decodes a part of an address; a `%` that encodes nothing stays. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return undefined;
  }
}
