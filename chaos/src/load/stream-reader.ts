import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { ProgramContext } from './external-program.ts';

const finishedStates = new Set(['completed', 'exhausted', 'failed', 'cancelled']);

export interface StreamContext {
  bases: readonly string[];
  note: ProgramContext['note'];
  /** Jobs that can be followed. */
  jobs(): readonly string[];
}

/** Follows one job after the other by its event stream from the start to the end, and resumes after interruptions. */
export class StreamReader {
  readonly #random: Random;
  readonly #context: StreamContext;

  constructor(random: Random, context: StreamContext) {
    this.#random = random;
    this.#context = context;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const jobs = this.#context.jobs();
      if (jobs.length) await this.#follow(this.#random.pick(jobs), signal);
      await delay(300);
    }
  }

  async #follow(job: string, signal: AbortSignal): Promise<void> {
    let last = '0';
    while (!signal.aborted) {
      try {
        for await (const { id, event, data } of this.#read(job, last, signal)) {
          last = id;
          if (event === 'trial')
            this.#context.note({ job, trial: data.trial!.id, operation: 'event', answer: data.move!, seq: data.seq });
          if (event === 'deleted' || event === 'reset') return;
          if (event !== 'job' || !finishedStates.has(data.state!)) continue;
          return this.#context.note({ job, operation: 'followed', answer: data.state!, seq: data.seq });
        }
      } catch (error) {
        if (error instanceof JobGone) return;
        // The stream was cut, or nothing listens.
      }
      await delay(200);
    }
  }

  async *#read(job: string, last: string, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const base = this.#random.pick(this.#context.bases);
    // Behind a partition, nothing arrives and nothing closes the connection.
    const response = await fetch(`${base}/v1/jobs/${job}/events`, {
      headers: { 'last-event-id': last },
      signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
    });
    if (response.status === 404) throw new JobGone();
    if (!response.ok || !response.body) return void (await response.body?.cancel());
    let text = '';
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text += part).split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event) yield event;
      }
    }
  }
}

/** The job was deleted or archived. */
class JobGone extends Error {}

interface StreamEvent {
  id: string;
  event: string;
  data: { seq: number; state?: string; move?: string; trial?: { id: string } };
}

function parseBlock(block: string): StreamEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
  return id && event && data ? { id, event, data: JSON.parse(data) as StreamEvent['data'] } : null;
}
