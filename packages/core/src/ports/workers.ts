/** Where a worker's kernels run. `software`: a graphics API that is emulated on the CPU, which is slow. */
export type Device = 'cpu' | 'gpu' | 'software';

/** What a worker has measured of its recent trials. */
export interface RecentWork {
  /** How long it measured, up to now: at most ten minutes, ms. */
  windowMs: number;
  /** Trainings that gave a result. */
  trials: number;
  /** The jobs that it trained last, the latest first. */
  jobs: RecentJob[];
}

export interface RecentJob {
  job: string;
  /** Complete trainings, and their time from start to result, ms. */
  trials: number;
  trialMs: number;
  /** Steps of all networks between the reports of trainings, and the time that they took, ms. */
  steps: number;
  stepMs: number;
}

/** A worker as it announces itself, repeatedly. A hint: no trial depends on it. */
export interface WorkerInfo {
  id: string;
  /** For people: host and process. */
  name: string;
  /** Backend, precision and threads of all its slots, see `JobRecord.runtime`. */
  runtime: string;
  /** Backend family, what a job's `backend` names: `wasm`, `cpu`, `tensorflow`; or `module`. */
  backend: string;
  /** Absent in announcements of workers from before the field existed. */
  device?: Device | undefined;
  slots: number;
  /** Names that its operator gave it, sorted, without duplicates; jobs can ask for them. Absent if it has none. */
  labels?: string[] | undefined;
  /** Trials it executes now, as `<job>/<trial>`. */
  busy: string[];
  /** Jobs whose data this worker does not have, and why. It declines their messages. */
  lacks?: { job: string; reason: string }[] | undefined;
  /** Resident bytes of its trainer processes. Absent where they are not measured. */
  memory?: number | undefined;
  /** Absent in announcements of workers from before the field existed. */
  recent?: RecentWork | undefined;
}

/** A live worker, and when it announced itself last. */
export interface LiveWorker extends WorkerInfo {
  /** By the clock of the ledger, ms since 1970. Null for workers from before it was recorded. */
  seenAt: number | null;
}

export interface WorkerRegistry {
  /** Announces that the worker is alive for `ttlMs`. */
  announce(worker: WorkerInfo, ttlMs: number): Promise<void>;
  withdraw(workerId: string): Promise<void>;
  listLive(): Promise<LiveWorker[]>;
}
