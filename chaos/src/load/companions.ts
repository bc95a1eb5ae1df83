import { join } from 'node:path';
import { isActive, type JobRecord } from '@gradsmith/core/domain';
import type { Ledger } from '@gradsmith/core/ledger';
import { IMPORTS } from '../check/check-copies.ts';
import { Random } from '../random.ts';
import { DocumentCarrier } from './document-carrier.ts';
import type { ProgramContext } from './external-program.ts';
import type { HttpClient } from './http.ts';
import { StreamReader } from './stream-reader.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

const STREAMS = 3;

export interface CompanionDeps {
  seed: number;
  folder: string;
  http: HttpClient;
  ledger: Ledger;
  bases: readonly string[];
  note: ProgramContext['note'];
  /** Jobs that streams can follow. */
  jobs(): readonly string[];
  signal: AbortSignal;
}

/** What else uses the service during a run: readers of event streams, a receiver of webhooks, exports and imports. */
export class Companions {
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #carrier: DocumentCarrier;
  readonly #receiver: WebhookReceiver;
  /** Jobs whose end must be notified. */
  readonly #awaited = new Set<string>();

  private constructor({ seed, folder, http, ledger, note }: CompanionDeps, receiver: WebhookReceiver) {
    this.#ledger = ledger;
    this.#random = new Random(seed, 'companions');
    this.#receiver = receiver;
    this.#carrier = new DocumentCarrier({ random: this.#random, http, note, folder: join(folder, IMPORTS) });
  }

  static async start(deps: CompanionDeps): Promise<Companions> {
    for (let i = 1; i <= STREAMS; i++)
      void new StreamReader(new Random(deps.seed, `stream-${i}`), deps).run(deps.signal);
    return new Companions(deps, await WebhookReceiver.start(new Random(deps.seed, 'receiver'), deps.note));
  }

  get webhookUrl(): string {
    return this.#receiver.url;
  }

  awaitNotification(job: string): void {
    this.#awaited.add(job);
  }

  /** Copies some of the finished jobs. Returns the id of a clone that runs now, or null. */
  async copyFinished(job: string): Promise<string | null> {
    if (this.#random.chance(0.5)) await this.#carrier.carry(job);
    return this.#random.chance(0.15) ? this.#carrier.clone(job) : null;
  }

  /** Whether the end of every job was notified, except of jobs that are gone. From now on, the receiver is reliable. */
  async hasReceivedAll(): Promise<boolean> {
    this.#receiver.isReliable = true;
    for (const id of this.#awaited) {
      const found = await this.#ledger.findJob(id);
      if (!found?.spec.webhooks || this.#isNotified(found.job)) this.#awaited.delete(id);
    }
    return this.#awaited.size === 0;
  }

  #isNotified({ id, state, finishedAt }: JobRecord): boolean {
    return !isActive(state) && this.#receiver.hasFinished(id, finishedAt!);
  }

  close(): void {
    this.#receiver.close();
  }
}
