import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { collect } from './sample-job.ts';

/**
 * The calls of an MLflow tracking server that an export makes, with the fields of mlflow/protos/service.proto and the
 * limits of mlflow/utils/validation.py. Unknown fields are refused, so that a mistyped one is noticed.
 */
const name = z
  .string()
  .min(1)
  .max(250)
  .regex(/^[/\p{L}\p{N}_.\- ]*$/u)
  .refine((key) => !key.split('/').some((part) => ['', '.', '..'].includes(part)), 'is no unique path');
const id = z.string().regex(/^[a-zA-Z0-9][\w-]{0,255}$/);
const long = z.int();
const tag = z.strictObject({ key: name, value: z.string().max(5_000) });
const param = z.strictObject({ key: name, value: z.string().max(500) });
const metric = z.strictObject({ key: name, value: z.number(), timestamp: long.min(0), step: long });
const calls = {
  'experiments/create': z.strictObject({ name: z.string().min(1).max(500), tags: z.array(tag).optional() }),
  'runs/create': z.strictObject({ experiment_id: id, run_name: z.string(), start_time: long, tags: z.array(tag) }),
  'runs/search': z.strictObject({
    experiment_ids: z.array(id),
    filter: z.string().regex(/^tags\.`gradsmith\.job` = '\w+'$/),
    run_view_type: z.enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']),
    max_results: z.int().min(1).max(50_000),
    page_token: z.string().optional(),
  }),
  'runs/log-batch': z
    .strictObject({
      run_id: id,
      metrics: z.array(metric).max(1_000).default([]),
      params: z.array(param).max(100).default([]),
      tags: z.array(tag).max(100).default([]),
    })
    .refine(({ metrics, params, tags }) => metrics.length + params.length + tags.length <= 1_000),
  'runs/set-tag': z.strictObject({ run_id: id, ...tag.shape }),
  'runs/update': z.strictObject({
    run_id: id,
    status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']),
    end_time: long.optional(),
  }),
  'runs/delete': z.strictObject({ run_id: id }),
} as const;

export interface StoredRun {
  id: string;
  name: string;
  status: string;
  end: number | undefined;
  deleted: boolean;
  params: Map<string, string>;
  tags: Map<string, string>;
  metrics: { key: string; value: number; timestamp: number; step: number }[];
}

interface Answer {
  status: number;
  body: object;
}

/** An MLflow server in memory. */
export class MlflowServer implements AsyncDisposable {
  url = '';
  runs: StoredRun[] = [];
  experiments: string[] = [];
  deletedExperiments = new Set<string>();
  requests = 0;
  authorizations = new Set<string | undefined>();
  /** Returns an answer in place of the real one, or null. */
  intercept: (path: string) => Answer | null = () => null;
  /** Runs in a page, at most. */
  page = 2;
  readonly #server = createServer((request, response) => {
    void this.#handle(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  async start(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get active(): StoredRun[] {
    return this.runs.filter(({ deleted }) => !deleted);
  }

  async #handle(request: IncomingMessage): Promise<Answer> {
    const chunks = await collect<Buffer>(request);
    const text = Buffer.concat(chunks).toString();
    this.requests++;
    this.authorizations.add(request.headers.authorization);
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const path = pathname.replace('/api/2.0/mlflow/', '');
    const intercepted = this.intercept(path);
    if (intercepted) return intercepted;
    if (path === 'experiments/get-by-name') return this.#getExperiment(searchParams.get('experiment_name')!);
    const schema = calls[path as keyof typeof calls];
    const parsed = schema?.safeParse(JSON.parse(text));
    if (text.length > 1_000_000 || !parsed?.success) {
      const message = `${path}: ${parsed?.error?.message ?? 'no such call'}`;
      return refuse(400, 'INVALID_PARAMETER_VALUE', message);
    }
    return this.#answer(path, parsed.data as never);
  }

  #getExperiment(name: string): Answer {
    const index = this.experiments.indexOf(name);
    if (index < 0) return refuse(404, 'RESOURCE_DOES_NOT_EXIST', `No Experiment with name=${name} exists`);
    const lifecycle = this.deletedExperiments.has(name) ? 'deleted' : 'active';
    return { status: 200, body: { experiment: { experiment_id: String(index), name, lifecycle_stage: lifecycle } } };
  }

  #answer(path: string, body: Record<string, never>): Answer {
    const ok = (answer: object = {}): Answer => ({ status: 200, body: answer });
    if (path === 'experiments/create') return ok({ experiment_id: String(this.experiments.push(body.name!) - 1) });
    if (path === 'runs/create') return ok({ run: { info: { run_id: this.#createRun(body) } } });
    if (path === 'runs/search') return ok(this.#search(body));
    const run = this.active.find((each) => each.id === body.run_id);
    if (!run) return refuse(404, 'RESOURCE_DOES_NOT_EXIST', `Run with id=${String(body.run_id)} not found`);
    if (path === 'runs/update') Object.assign(run, { status: body.status, end: body.end_time });
    else if (path === 'runs/delete') run.deleted = true;
    else if (path === 'runs/set-tag') run.tags.set(body.key!, body.value!);
    else this.#logBatch(run, body);
    return ok();
  }

  #createRun({ run_name: runName, tags }: Record<string, never>): string {
    const id = `run${this.runs.length}`;
    const pairs = (tags as { key: string; value: string }[]).map(({ key, value }) => [key, value] as const);
    const run = { id, name: runName, status: 'RUNNING', end: undefined, deleted: false };
    this.runs.push({ ...run, params: new Map(), tags: new Map(pairs), metrics: [] });
    return id;
  }

  #logBatch(run: StoredRun, { params, metrics }: Record<string, never>): void {
    for (const { key, value } of params as { key: string; value: string }[]) run.params.set(key, value);
    run.metrics.push(...(metrics as StoredRun['metrics']));
  }

  #search({ filter, page_token: token }: Record<string, never>): object {
    const job = /'(\w+)'/.exec(filter)![1];
    const found = this.active.filter(({ tags }) => tags.get('gradsmith.job') === job);
    const from = Number(token ?? 0);
    const runs = found.slice(from, from + this.page).map(({ id: runId, tags }) => ({
      info: { run_id: runId },
      data: { tags: [...tags].map(([key, value]) => ({ key, value })) },
    }));
    // As MLflow does, fields without a value are left out.
    if (!runs.length) return {};
    return from + this.page < found.length ? { runs, next_page_token: String(from + this.page) } : { runs };
  }
}

function refuse(status: number, code: string, message: string): Answer {
  return { status, body: { error_code: code, message } };
}
