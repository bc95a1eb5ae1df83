import type { JobSummary, TrialResource } from '@gradsmith/contract';
import type { TrialMove } from '@gradsmith/core/domain';
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream';
import { isTransient, toConnectionError } from './problem.ts';
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
  /** Called with true each time the stream opens, and with false each time it breaks off. */
  onConnection?: (isConnected: boolean) => void;
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
  { after, signal, onConnection }: EventOptions,
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
      onConnection?.(true);
      for await (const { id, event, data } of readMessages(response.body!)) {
        wait = FIRST_PAUSE_MS;
        last = id ?? last;
        // Only its id matters: where to continue if the stream breaks before the first change.
        if (event === 'open') continue;
        yield { id: last ?? '', event, data: JSON.parse(data) } as E;
        if (event === 'deleted' && path !== ALL) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error)) throw error;
    }
    onConnection?.(false);
    await pause(wait, signal);
  }
}

export const ALL = '/v1/events';

/** Yields the events of a stream. Cancels the stream when the caller stops. */
async function* readMessages(stream: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage, void, undefined> {
  const reader = stream
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw toConnectionError(error);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
