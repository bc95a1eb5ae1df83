import { problemDetailsSchema, type ProblemDetails } from '@gradsmith/contract';
import { GradsmithError, InvalidInput, parsePointer, type Problem } from '@gradsmith/core/domain';
import type { z } from 'zod';
import { apiKey } from './env.ts';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';

const TIMEOUT_MS = 20_000;
/** Tries at a call that may be repeated, and the pause before the second one (doubling). */
const TRIES = 3;
const PAUSE_MS = 300;

export interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  /** A list gives its parameter several times. */
  query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** The service refused a request; the message is its own. */
class Refused extends GradsmithError {
  readonly status: number;

  constructor(message: string, code: string, status: number) {
    super(message, code, { retryable: status === 503 });
    this.status = status;
  }
}

/** Calls one service and checks what it answers against core's schemas. */
export class Server {
  readonly url: string;

  constructor(url: string) {
    const text = /^[a-z]+:\/\//i.test(url) ? url : `http://${url}`;
    if (!URL.canParse(text) || !/^https?:/.test(text)) {
      throw new Failure(
        exitCodes.usage,
        'bad-server',
        `${url} is not the address of a service; it looks like http://localhost:8080`,
      );
    }
    this.url = new URL(text).href.replace(/\/$/, '');
  }

  /**
   * Answers with the parsed body and the status. Throws Failure where the service is away, and its refusals as errors
   * of the domain.
   */
  async call<T>(path: string, schema: z.ZodType<T>, call: Call = {}): Promise<{ body: T; status: number }> {
    const response = await this.#send(path, call);
    const text = await response.text();
    const body: unknown = text ? parseJson(text) : undefined;
    if (!response.ok) throw this.#refusal(response, body);
    const parsed = schema.safeParse(body);
    if (parsed.success) return { body: parsed.data, status: response.status };
    const [issue] = parsed.error.issues;
    throw new Failure(
      exitCodes.failed,
      'unexpected-answer',
      `${this.url}${path} answers in another shape than this version of gradsmith knows ` +
        `(${issue?.path.join('.')}: ${issue?.message}).\nIs it a Gradsmith service of the same version?`,
    );
  }

  async #send(path: string, { method = 'GET', query = {}, body, headers = {} }: Call): Promise<Response> {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query))
      for (const each of [value ?? []].flat()) url.searchParams.append(name, String(each));
    const init = {
      method,
      headers: {
        accept: 'application/json',
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    // Every call of this command may be repeated: those that create carry an Idempotency-Key.
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
        if (attempt === TRIES || (response.status !== 503 && response.status !== 429)) return response;
        await response.body?.cancel();
      } catch (error) {
        if (attempt === TRIES || refusedConnection(error)) throw this.#away(error);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** (attempt - 1)));
    }
  }

  #away(error: unknown): Failure {
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    const why = cause?.code ?? cause?.message ?? message;
    return new Failure(
      exitCodes.unavailable,
      'server-away',
      `${this.url} does not answer (${why}).\nIs the service up? docker compose up --detach starts ` +
        `one; curl ${this.url}/healthz asks it; gradsmith doctor looks further.`,
      { cause: error },
    );
  }

  #refusal(response: Response, body: unknown): Error {
    const parsed = problemDetailsSchema.safeParse(body);
    if (!parsed.success) {
      return new Failure(
        exitCodes.unavailable,
        'not-gradsmith',
        `${response.url} answers ${response.status} ${response.statusText}, and not as a Gradsmith ` +
          `service would; check the address.`,
      );
    }
    const { code, status, detail, problems } = parsed.data;
    if (problems?.length) return new InvalidInput(problems.map(toProblem), `what ${this.url} was sent`);
    const hint = status === 401 || status === 403 ? '\nSet GRADSMITH_API_KEY to a key that may do this.' : '';
    return new Refused(`${detail}${hint}`, code, status);
  }
}

function refusedConnection(error: unknown): boolean {
  const code = (error as { cause?: { code?: string } }).cause?.code;
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toProblem({ pointer, message }: NonNullable<ProblemDetails['problems']>[number]): Problem {
  return { path: parsePointer(pointer).map((part) => (/^\d+$/.test(part) ? Number(part) : part)), message };
}
