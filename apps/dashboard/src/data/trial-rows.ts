import type { Gradsmith, Page } from '@gradsmith/client';
import type { JobStatus, Selected, TrialResource } from '@gradsmith/contract';
import { compareByValue, type TrialState } from '@gradsmith/core/domain';

/** The data of a search trial that the page keeps. It is small, because there may be very many. */
export interface TrialRow {
  readonly number: number;
  readonly state: TrialState;
  readonly value: number | null;
  /** Further values by name. */
  readonly metrics: TrialResource['metrics'];
  /** False if the result violates the measured constraints. */
  readonly feasible: boolean | null;
  readonly point: TrialResource['point'];
  readonly source: TrialResource['source'];
  readonly attempts: number;
  readonly worker: string | null;
  readonly reason: string | null;
  /** Duration of the attempt that settled it, or of the running one so far, ms. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Every attempt, for the timeline. */
  readonly tries: readonly Try[];
}

export interface Try {
  readonly worker: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly outcome: TrialResource['attempts'][number]['outcome'];
}

/** The search trials of a job. */
export interface TrialRows {
  /** By number once all are known; before, without gaps. */
  readonly rows: readonly TrialRow[];
  /** The change of the job up to which the rows are known; null while the first read goes on. */
  readonly seq: number | null;
}

/** Trials read at once. */
const PAGE = 1_000;
/** Rows are shown at most this often while all are read: many rows take time to show. */
const SHOW_MS = 1_000;

/** What a row is made of. Without the other fields, the answers are half as long. */
const fields = [
  'role',
  'number',
  'state',
  'value',
  'metrics',
  'feasible',
  'point',
  'source',
  'attempts.worker',
  'attempts.startedAt',
  'attempts.finishedAt',
  'attempts.outcome',
  'reason',
] as const;
type SentTrial = Selected<TrialResource, (typeof fields)[number]>;

interface Reading {
  readonly api: Gradsmith;
  readonly job: string;
  readonly signal: AbortSignal;
}

/**
 * Reads all search trials. Calls `onPage` with those read so far, now and then.
 *
 * @param known the job before the read: its change, and how many search trials it had
 */
export async function readAllRows(
  { api, job, signal }: Reading,
  known: { readonly seq: number; readonly trials: number },
  onPage: (trials: TrialRows) => void,
): Promise<TrialRows> {
  const rows: (TrialRow | undefined)[] = Array.from({ length: known.trials });
  let shownAt = -Infinity;
  const stop = new AbortController();
  const eitherSignal = AbortSignal.any([signal, stop.signal]);
  const readFrom = async (sort: 'number' | '-number'): Promise<void> => {
    let cursor: string | null = null;
    do {
      const page: Page<SentTrial> = await api.selectTrialsPage(
        job,
        { role: 'search', sort },
        { limit: PAGE, cursor },
        { fields, signal: eitherSignal },
      );
      const hasMet = page.items.some(({ number }) => rows[number!] !== undefined);
      placeRows(rows, page.items);
      cursor = hasMet || !page.items.length ? null : page.next;
      if (cursor === null || performance.now() - shownAt < SHOW_MS) continue;
      shownAt = performance.now();
      onPage({ rows: rows.filter((row) => row !== undefined), seq: null });
    } while (cursor !== null);
  };
  // From both ends until they meet: while one page is on its way, the service reads the other.
  try {
    await Promise.all([readFrom('number'), known.trials > PAGE && readFrom('-number')]);
  } finally {
    // If one end fails, the other must not go on to show rows.
    stop.abort();
  }
  return { rows: rows as readonly TrialRow[], seq: known.seq };
}

/** Reads the trials that have moved since `known`. */
export async function readChangedRows({ api, job, signal }: Reading, known: TrialRows): Promise<TrialRows> {
  let { rows } = known;
  for (let after = known.seq!; ;) {
    const { items, seq, next } = await api.changedTrials(job, { after, limit: PAGE }, signal);
    rows = mergeRows(rows, items);
    after = seq;
    if (next === null) return { rows, seq };
  }
}

/** Returns the rows with the search trials among `trials` in their place. */
export function mergeRows(rows: readonly TrialRow[], trials: readonly SentTrial[]): readonly TrialRow[] {
  if (!trials.some(isRow)) return rows;
  const merged = rows.slice();
  placeRows(merged, trials);
  return merged;
}

function placeRows(rows: (TrialRow | undefined)[], trials: readonly SentTrial[]): void {
  for (const trial of trials) if (isRow(trial)) rows[trial.number!] = toRow(trial);
}

function isRow({ role, number }: SentTrial): boolean {
  return role === 'search' && number !== null;
}

function toRow({ number, state, value, metrics, feasible, point, source, attempts, reason }: SentTrial): TrialRow {
  const tries = attempts.map(({ worker, startedAt, finishedAt, outcome }) => ({
    worker,
    startedAt: Date.parse(startedAt),
    finishedAt: finishedAt ? Date.parse(finishedAt) : null,
    outcome,
  }));
  const last = tries.at(-1);
  return {
    tries,
    number: number!,
    state,
    value,
    metrics,
    feasible,
    point,
    source,
    reason,
    attempts: attempts.length,
    worker: last?.worker ?? null,
    startedAt: last?.startedAt ?? null,
    finishedAt: last?.finishedAt ?? null,
  };
}

/** Returns the best complete trials, best first. */
export function rankRows(rows: readonly TrialRow[], direction: 'minimize' | 'maximize', count: number): TrialRow[] {
  const compare = compareByValue(direction);
  const best: TrialRow[] = [];
  for (const row of rows) {
    if (row?.state !== 'complete' || row.value === null || row.feasible === false) continue;
    const place = best.findIndex((other) => compare(row, other) < 0);
    if (place >= 0) best.splice(place, 0, row);
    else if (best.length < count) best.push(row);
    if (best.length > count) best.pop();
  }
  return best;
}

/** Returns up to `count` trials that figures show: the best, or with several objectives the first on the front. */
export function listMarkedRows(
  rows: readonly TrialRow[],
  { pareto, direction }: Pick<JobStatus, 'direction' | 'pareto'>,
  count: number,
): TrialRow[] {
  if (!pareto) return rankRows(rows, direction, count);
  const front = new Set(pareto.front.slice(0, count).map(({ trial }) => Number(trial)));
  return rows.filter((row) => row !== undefined && front.has(row.number));
}
