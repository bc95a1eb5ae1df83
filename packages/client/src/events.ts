import type { JobSummary, TrialResource } from '@gradsmith/contract';
import type { TrialMove } from '@gradsmith/core/domain';
import { mayPass } from './problem.ts';
import { pause } from './time.ts';
import type { Transport } from './transport.ts';

/**
 * What the service tells of one job: each move of a trial, and where the job stands then. `id` is where to go on after
 * it.
 */
export type JobEvent =
  | { id: string; event: 'trial'; data: { job: string; seq: number; move: TrialMove | 'create'; trial: TrialResource } }
  | { id: string; event: 'job'; data: JobSummary & { seq: number } }
  /** Too much has changed for single events: read the lists again. */
  | { id: string; event: 'reset'; data: { job: string; seq: number } }
  | { id: string; event: 'deleted'; data: { job: string } };

/** What the service tells of all jobs: the latest of each job that changed. */
export type JobsEvent = Extract<JobEvent, { event: 'job' | 'deleted' }>;

export interface EventOptions {
  /** Continue after this event; `'0'` for everything from the start of a job. By default: from now on. */
  after?: string;
  signal?: AbortSignal;
}

const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 10_000;

/**
 * Server-sent events as an iterator that comes back after every interruption and goes on where it was. Ends when the
 * job is deleted. Throws ApiProblem for what will not get better (no such job, no right to it), or the signal's
 * reason.
 */
export async function* followEvents<E extends JobEvent>(
  transport: Transport,
  path: string,
  { after, signal }: EventOptions,
): AsyncGenerator<E, void, undefined> {
  let last = after;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(2 * wait, LAST_PAUSE_MS)) {
    try {
      const response = await transport.send(path, {
        stream: true,
        signal,
        headers: { accept: 'text/event-stream' },
        query: { after: last },
      });
      for await (const { id, event, data } of parseEvents(response.body!)) {
        wait = FIRST_PAUSE_MS;
        last = id;
        yield { id, event, data: JSON.parse(data) } as E;
        if (event === 'deleted' && path !== ALL) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!mayPass(error)) throw error;
    }
    await pause(wait, signal);
  }
}

export const ALL = '/v1/events';

/** The events in a stream (WHATWG HTML, section 9.2.6); comments and events without data are left out. */
export async function* parseEvents(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<{ id: string; event: string; data: string }, void, undefined> {
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let buffer = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (buffer + value).replaceAll('\r\n', '\n').split('\n\n');
      buffer = blocks.pop()!;
      for (const block of blocks) {
        const fields = parseFields(block);
        if (fields.data !== undefined)
          yield { id: fields.id ?? '', event: fields.event ?? 'message', data: fields.data };
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function parseFields(block: string): Record<string, string | undefined> {
  const fields: Record<string, string | undefined> = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    fields[name] = name === 'data' && fields.data !== undefined ? `${fields.data}\n${value}` : value;
  }
  return fields;
}
