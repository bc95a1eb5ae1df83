import { PointDesign, suggestPoint, type SuggestInput, type Suggestion } from '@gradsmith/bayesopt';
import { advanceJob } from '../../src/coordinator/advance-job.ts';
import { AheadSuggestions } from '../../src/coordinator/ahead-suggestions.ts';
import type { AdvanceResult, Knowledge } from '../../src/coordinator/deps.ts';
import { DesignCache } from '../../src/coordinator/design-cache.ts';
import { OpenTrialReads } from '../../src/coordinator/open-trial-reads.ts';
import { SeenChanges } from '../../src/coordinator/seen-changes.ts';
import { SentMessages } from '../../src/coordinator/sent-messages.ts';
import { SlotUsage } from '../../src/coordinator/slot-usage.ts';
import { TrialCache } from '../../src/coordinator/trial-cache.ts';
import type { Clock, Dispatcher, Suggester } from '../../src/ports/index.ts';
import { silent, type World } from './world.ts';

/** A coordinator of a world that keeps what it knows, and of which the test advances one job. */
export class Driver {
  readonly world: World;
  readonly known: Knowledge;
  /** Ids of the messages that were sent, and of those that were looked for. */
  readonly sent: string[] = [];
  readonly lookedFor: string[] = [];
  /** Suggestions for which the history was passed to the optimizer. */
  histories = 0;
  /** Replaces the optimizer. */
  suggest: (input: SuggestInput, count: number) => Promise<Suggestion[]> = async (input) => [suggestPoint(input)];
  /** Time of its clock, ms. */
  time = 0;
  readonly #owner: string;
  readonly #clock: Clock;

  constructor(world: World, owner: string) {
    this.world = world;
    this.#owner = owner;
    this.#clock = {
      monotonic: () => this.time,
      sleep: async (_, signal) => new Promise((resolve) => signal!.addEventListener('abort', () => resolve())),
    };
    this.known = {
      workers: world.workers,
      mayExpire: true,
      usage: new SlotUsage(),
      cache: new TrialCache(),
      designs: new DesignCache(),
      ahead: new AheadSuggestions(),
      sent: new SentMessages(this.#clock),
      seen: new SeenChanges(),
      waitFor: async (suggestions) => suggestions,
      openReads: new OpenTrialReads(this.#clock, () => {}),
    };
  }

  async advance(jobId: string): Promise<AdvanceResult> {
    const { world, known } = this;
    const dispatcher: Dispatcher = {
      send: async (message) => {
        this.sent.push(message.id);
        world.queue.set(message.id, message);
      },
      findMissing: async (messages) => {
        this.lookedFor.push(...messages.map(({ id }) => id));
        return messages.filter(({ id }) => !world.queue.has(id));
      },
      consume: () => {
        throw new Error('the test takes messages from the queue');
      },
      close: async () => {},
    };
    const suggester: Suggester = {
      versions: {},
      createDesign: (input) => (input.settings.algorithm === 'random' ? new PointDesign(input) : null),
      suggest: async (_, input, count) => {
        this.histories += 1;
        return this.suggest(input, count);
      },
      close: async () => {},
    };
    const deps = { ledger: world.ledger, clock: this.#clock, log: silent, owner: this.#owner, leaseMs: 12_000 };
    return advanceJob({ ...deps, dispatcher, suggester }, jobId, known);
  }
}
