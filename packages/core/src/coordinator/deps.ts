import type { SlotLimit } from '../domain/slot-limits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type { Log } from '../ports/log.ts';
import type { Signals } from '../ports/signals.ts';
import type { Suggester } from '../ports/suggester.ts';
import type { Tracer } from '../ports/tracer.ts';
import type { WorkerInfo, WorkerRegistry } from '../ports/workers.ts';
import type { AheadSuggestions, WaitForSuggestions } from './ahead-suggestions.ts';
import type { DesignCache } from './design-cache.ts';
import type { OpenTrialReads } from './open-trial-reads.ts';
import type { ReportOutage } from './outage.ts';
import type { SeenChanges } from './seen-changes.ts';
import type { SentMessages } from './sent-messages.ts';
import type { SlotUsage } from './slot-usage.ts';
import type { TrialCache } from './trial-cache.ts';

export interface CoordinatorDeps {
  ledger: Ledger;
  dispatcher: Dispatcher;
  suggester: Suggester;
  log: Log;
  clock: Clock;
  tracer?: Tracer | undefined;
  /** Unique per process start. */
  owner: string;
  /** Lease of the coordinator on a job, ms. */
  leaseMs: number;
  /** Called when the ledger has lost so many acknowledged changes of a job. */
  onLostChanges?(count: number): void;
}

/** What a coordinator knows besides the ledger. It may change while a job is advanced: read it where it is used. */
export interface Knowledge {
  readonly workers: readonly WorkerInfo[];
  /** False for one full lease after a start or an outage, so that executors that were cut off can report first. */
  readonly mayExpire: boolean;
  readonly usage: SlotUsage;
  readonly cache: TrialCache;
  readonly designs: DesignCache;
  readonly ahead: AheadSuggestions;
  readonly sent: SentMessages;
  readonly seen: SeenChanges;
  readonly openReads: OpenTrialReads;
  readonly waitFor: WaitForSuggestions;
}

export type AdvanceResult = 'finished' | 'not-mine' | 'active';

export interface RunCoordinatorDeps extends CoordinatorDeps {
  workers: WorkerRegistry;
  signals: Signals;
  /** The one job to lead; by default every active one. Others are left to other coordinators. */
  only?: string | undefined;
  /** How often every job is looked at if no signal comes, ms. */
  everyMs: number;
  /** The executors' lease, ms: nothing expires for this long after a start or an outage. */
  trialLeaseMs: number;
  /** Limits on the slots of jobs with the same label; none by default. */
  slotLimits?: readonly SlotLimit[] | undefined;
  /** Called when an outage of the ledger starts, and with null when it ends; by default, both are logged. */
  onOutage?: ReportOutage | undefined;
  /** Called after each round that reached the ledger, with the active jobs; for health checks and progress displays. */
  onRound?(jobs: number): void;
}
