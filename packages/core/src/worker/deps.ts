import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Signals } from '../ports/signals.ts';
import type { Tracer } from '../ports/tracer.ts';
import type { Trainer } from '../ports/trainer.ts';
import type { Executor } from '../trials/attempts.ts';

export interface ExecutorDeps {
  ledger: Ledger;
  trainer: Trainer;
  signals: Signals;
  clock: Clock;
  log: Log;
  tracer?: Tracer | undefined;
  executor: Executor;
  leaseMs: number;
  /** Called if the data of a job is not on this machine. */
  onNoData?(jobId: string, reason: string): void;
  /** Makes the UUID of an attempt. */
  newId(): string;
}
