import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../random.ts';
import type { ProgramContext } from './external-program.ts';

/** The secret that signs webhooks in a run. */
export const WEBHOOK_SECRET = 'the webhook secret of a chaos run';

/** Receives webhooks, as unreliably as real receivers do, and notes what it has acknowledged. */
export class WebhookReceiver {
  readonly #server: Server;
  readonly #random: Random;
  readonly #note: ProgramContext['note'];
  /** Finished states that were acknowledged, by job. */
  readonly #finished = new Map<string, string>();
  /** Whether it answers every notification with success. */
  isReliable = false;

  private constructor(random: Random, note: ProgramContext['note']) {
    this.#random = random;
    this.#note = note;
    this.#server = createServer((request, response) => void this.#receive(request, response));
  }

  static async start(random: Random, note: ProgramContext['note']): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(random, note);
    await new Promise<void>((resolve) => void receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Whether the end of the job was acknowledged, with this time. */
  hasFinished(job: string, finishedAt: number): boolean {
    return this.#finished.get(job) === new Date(finishedAt).toISOString();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    try {
      for await (const part of request.setEncoding('utf8')) body += part;
    } catch {
      return;
    }
    if (!this.isReliable && this.#random.chance(0.15)) return void response.writeHead(500).end();
    if (!this.isReliable && this.#random.chance(0.1)) return void request.socket.destroy();
    this.#accept(request, body);
    // The sender may not get this, and then repeats the notification.
    if (!this.isReliable && this.#random.chance(0.1)) return void request.socket.destroy();
    response.writeHead(204).end();
  }

  #accept({ headers }: IncomingMessage, body: string): void {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const signature = `v1,${createHmac('sha256', WEBHOOK_SECRET).update(signed).digest('base64')}`;
    const { type, data } = JSON.parse(body) as {
      type: string;
      data: { id: string; state: string; finishedAt: string | null };
    };
    const isSigned = String(headers['webhook-signature']).split(' ').includes(signature);
    const answer = isSigned ? `${data.state} ${data.finishedAt}` : 'wrong signature';
    this.#note({ job: data.id, operation: type === 'job.finished' ? 'notified-finished' : 'notified-best', answer });
    if (type === 'job.finished' && data.finishedAt) this.#finished.set(data.id, data.finishedAt);
  }
}
