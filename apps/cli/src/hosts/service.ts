import { ApiProblem, Gradsmith, NoAnswer } from '@gradsmith/client';
import { GradsmithError, InvalidInput, parsePointer, type Problem } from '@gradsmith/core/domain';
import type { z } from 'zod';
import { apiKey } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

const TIMEOUT_MS = 20_000;
/** A command is run by a person or a script that can run it again, so it gives up early. */
const RETRY_MS = 3_000;

/** The service refused a request; the message is its own. */
class RefusedRequest extends GradsmithError {
  readonly status: number;

  constructor(message: string, code: string, status: number) {
    super(message, code, { retryable: status === 503 });
    this.status = status;
  }
}

/** A service as commands use it: answers are checked, and errors say what to do on the command line. */
export class Service {
  readonly url: string;
  readonly #client: Gradsmith;

  constructor(url: string) {
    this.url = parseServiceUrl(url);
    this.#client = new Gradsmith({
      url: this.url,
      key: apiKey ?? null,
      timeoutMs: TIMEOUT_MS,
      retryForMs: RETRY_MS,
      isFinal: isConnectionRefused,
    });
  }

  /** Makes a call. Throws Failure if the service is not reached, and InvalidInput or RefusedRequest if it refuses. */
  async call<T>(send: (client: Gradsmith) => Promise<T>): Promise<T> {
    try {
      return await send(this.#client);
    } catch (error) {
      if (error instanceof ApiProblem) throw this.#toRefusal(error);
      if (error instanceof SyntaxError) throw this.#toUnexpectedAnswer(error.message);
      throw this.#toOutage(error as Error);
    }
  }

  /** Makes a call and checks the answer. */
  async read<T>(schema: z.ZodType<T>, send: (client: Gradsmith) => Promise<unknown>): Promise<T> {
    return this.check(schema, await this.call(send));
  }

  /** Makes a call, and yields the JSON of the answer as it arrives, without checking it. */
  async *readJson(send: (client: Gradsmith) => Promise<Response>): AsyncGenerator<string> {
    const { headers, body } = await this.call(send);
    const type = headers.get('content-type') ?? 'no content type';
    if (!body || !type.startsWith('application/json')) throw this.#toUnexpectedAnswer(type);
    try {
      for await (const text of body.pipeThrough(new TextDecoderStream())) yield text;
    } catch (error) {
      const message = `${this.url} broke off its answer (${describeOutage(error as Error)}).\nRun the command again.`;
      throw new Failure(exitCodes.unavailable, 'broken-answer', message, { cause: error });
    }
  }

  /** Returns the answer as the schema describes it. Throws Failure if it has another shape. */
  check<T>(schema: z.ZodType<T>, answer: unknown): T {
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.#toUnexpectedAnswer(`${issue?.path.join('.')}: ${issue?.message}`);
  }

  #toUnexpectedAnswer(detail: string): Failure {
    return new Failure(
      exitCodes.failed,
      'unexpected-answer',
      `${this.url} answers in another shape than this version of gradsmith knows (${detail}).\n` +
        `Is it a Gradsmith service of the same version?`,
    );
  }

  #toOutage(error: Error): Failure {
    return new Failure(
      exitCodes.unavailable,
      'server-away',
      `${this.url} does not answer (${describeOutage(error)}).\nIs the service up? docker compose up --detach starts ` +
        `one; curl ${this.url}/healthz asks it; gradsmith doctor looks further.`,
      { cause: error },
    );
  }

  #toRefusal({ code, status, message, problems }: ApiProblem): Error {
    if (code === 'unknown') {
      return new Failure(
        exitCodes.unavailable,
        'not-gradsmith',
        `${this.url} answers ${status}, and not as a Gradsmith service would; check the address.`,
      );
    }
    if (problems.length) return new InvalidInput(problems.map(toProblem), `what ${this.url} was sent`);
    const hint = status === 401 || status === 403 ? '\nSet GRADSMITH_API_KEY to a key that may do this.' : '';
    return new RefusedRequest(`${message}${hint}`, code, status);
  }
}

function parseServiceUrl(url: string): string {
  const text = /^[a-z]+:\/\//i.test(url) ? url : `http://${url}`;
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text).href.replace(/\/$/, '');
  throw new Failure(
    exitCodes.usage,
    'bad-server',
    `${url} is not the address of a service; it looks like http://localhost:8080`,
  );
}

function describeOutage(error: Error): string {
  if (error instanceof NoAnswer) return `no answer within ${error.timeoutMs / 1_000} s`;
  const { code, message } = (error.cause ?? {}) as { code?: string; message?: string };
  return code ?? message ?? error.message;
}

function isConnectionRefused(error: Error): boolean {
  const code = (error.cause as { code?: string } | undefined)?.code;
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND';
}

function toProblem({ in: part, pointer, message }: ApiProblem['problems'][number]): Problem {
  const path = parsePointer(pointer).map((name) => (/^\d+$/.test(name) ? Number(name) : name));
  return part === 'body' ? { path, message } : { path, message, in: part };
}
