import type { Gradsmith, JobEvent } from '@gradsmith/client';
import type { JobResource, JobStatus, TrialResource } from '@gradsmith/contract';
import { queryOptions, useQuery, useQueryClient, type QueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useApi } from '../app/context.ts';
import { isUnknown } from '../parts/describe-error.ts';
import { keys } from './keys.ts';
import { mergeRows, readAllRows, readChangedRows, type TrialRows } from './trial-rows.ts';
import { useStream } from './use-stream.ts';

/** Pause between reads of the status while no stream is connected, ms. */
const POLL_MS = 1_000;
/** Pause between reads while events come, ms: the number of workers has no event. */
const CALM_MS = 10_000;
/** Events are shown together after this time, ms. */
const BATCH_MS = 250;
/** The same for a job with very many trials, where each drawing takes longer. */
const LONG_BATCH_MS = 2_000;
const MANY = 5_000;
/** The status is read at most this often, ms. */
const STATUS_MS = 1_000;

interface TaggedStatus {
  readonly status: JobStatus;
  readonly etag: string | null;
}

/** A job as it was posted. Only its name, labels and notes can change. */
export function specQuery(api: Gradsmith, id: string) {
  return queryOptions({
    queryKey: keys.spec(id),
    queryFn: ({ signal }) => api.job(id, signal),
    staleTime: Infinity,
  });
}

/** The status of a job. A finished job is read again only when the page gets the focus, another one after `everyMs`. */
export function statusQuery(api: Gradsmith, client: QueryClient, id: string, everyMs: number) {
  return queryOptions({
    queryKey: keys.status(id),
    queryFn: async ({ signal }): Promise<TaggedStatus> => {
      const known = client.getQueryData<TaggedStatus>(keys.status(id));
      return (await api.statusIfChanged(id, known?.etag ?? null, signal)) ?? known!;
    },
    select: ({ status }) => status,
    refetchInterval: ({ state: { data, error } }) =>
      data?.status.phase === 'finished' || isUnknown(error) ? false : everyMs,
  });
}

/** The search trials of a job: the first read is of all, and each later one of those that have moved since. */
export function rowsQuery(api: Gradsmith, client: QueryClient, id: string, status: JobStatus | undefined) {
  return queryOptions({
    queryKey: keys.rows(id),
    queryFn: ({ signal }) => {
      const known = client.getQueryData<TrialRows>(keys.rows(id));
      const reading = { api, job: id, signal };
      // A job that was deleted and created again starts again.
      if (known && known.seq !== null && known.seq <= status!.seq) return readChangedRows(reading, known);
      const trials = countTrials(status!);
      return readAllRows(reading, { seq: status!.seq, trials }, (rows) => client.setQueryData(keys.rows(id), rows));
    },
    enabled: status !== undefined,
    staleTime: Infinity,
    // Rows are merged, so comparing all of them again would only take time.
    structuralSharing: false,
  });
}

/** Begins to read a job before its page is there. The page shows what went wrong, as it reads again. */
export async function prefetchJob(api: Gradsmith, client: QueryClient, id: string): Promise<void> {
  void client.prefetchQuery(specQuery(api, id));
  await client.prefetchQuery(statusQuery(api, client, id, CALM_MS));
  const tagged = client.getQueryData<TaggedStatus>(keys.status(id));
  if (tagged) await client.prefetchQuery(rowsQuery(api, client, id, tagged.status));
}

/** Returns how many search trials a job has. */
export function countTrials({ counts }: Pick<JobStatus, 'counts'>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export function useSpec(id: string): UseQueryResult<JobResource> {
  return useQuery(specQuery(useApi(), id));
}

export function useStatus(id: string, everyMs = CALM_MS): UseQueryResult<JobStatus> {
  return useQuery(statusQuery(useApi(), useQueryClient(), id, everyMs));
}

/** Reads status and trials of a job and follows its changes by events, or by polling while there are none. */
export function useLiveJob(id: string): { status: UseQueryResult<JobStatus>; rows: UseQueryResult<TrialRows> } {
  const api = useApi();
  const client = useQueryClient();
  const isConnected = useJobEvents(id);
  const status = useStatus(id, isConnected ? CALM_MS : POLL_MS);
  const rows = useQuery(rowsQuery(api, client, id, status.data));
  const isBehind = status.data !== undefined && rows.data !== undefined && (rows.data.seq ?? 0) < status.data.seq;
  const mustRead = isBehind && !isConnected && !rows.isFetching;
  useEffect(() => {
    if (mustRead) void client.refetchQueries({ queryKey: keys.rows(id) });
  }, [client, id, mustRead]);
  return { status, rows };
}

/** Follows a job that has not finished. Returns whether its stream is connected. */
function useJobEvents(id: string): boolean {
  const api = useApi();
  const client = useQueryClient();
  const phase = useQuery({ ...statusQuery(api, client, id, CALM_MS), enabled: false }).data?.phase;
  const feed = useRef<RowFeed>(null);
  feed.current ??= new RowFeed(client, id);
  const isActive = phase !== undefined && phase !== 'finished';
  const isConnected = useStream(
    isActive ? id : null,
    (options) => {
      feed.current!.open();
      return api.events(id, options);
    },
    (event) => feed.current!.add(event),
  );
  useEffect(() => () => feed.current?.close(), []);
  return isConnected;
}

/**
 * Puts the events of a job into its rows. An event carries the trial as it is when it is sent, so the last one of a
 * trial is right whatever was lost or repeated before.
 */
class RowFeed {
  readonly #client: QueryClient;
  readonly #id: string;
  #trials: TrialResource[] = [];
  /** The change at which the stream began, and the last one it sent; null before its first event. */
  #from: number | null = null;
  #seq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #statusReadAt = -Infinity;

  constructor(client: QueryClient, id: string) {
    this.#client = client;
    this.#id = id;
  }

  /** Starts again with a new stream, which tells only what happens from now on. */
  open(): void {
    this.#trials = [];
    this.#from = null;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  add({ event, data }: JobEvent): void {
    if (event === 'deleted') {
      void this.#client.invalidateQueries({ queryKey: keys.job(this.#id) });
      return;
    }
    if (event === 'trial') this.#trials.push(data.trial);
    // After a reset, everything up to its number is read again.
    if (event === 'reset' || this.#from === null) this.#from = data.seq;
    this.#seq = Math.max(this.#seq, data.seq);
    this.#schedule();
  }

  #schedule(): void {
    const known = this.#client.getQueryData<TrialRows>(keys.rows(this.#id));
    const pause = (known?.rows.length ?? 0) > MANY ? LONG_BATCH_MS : BATCH_MS;
    this.#timer ??= setTimeout(() => this.#flush(), pause);
  }

  #flush(): void {
    this.#timer = undefined;
    const queryKey = keys.rows(this.#id);
    const now = performance.now();
    const status = this.#client.getQueryData<TaggedStatus>(keys.status(this.#id))?.status;
    if (status && status.seq < this.#seq && now - this.#statusReadAt >= STATUS_MS) {
      this.#statusReadAt = now;
      void this.#client.invalidateQueries({ queryKey: keys.status(this.#id) });
    }
    const known = this.#client.getQueryData<TrialRows>(queryKey);
    const isReading = this.#client.isFetching({ queryKey }) > 0;
    if (!known || known.seq === null || isReading) return this.#schedule();
    if (known.seq < this.#from!) {
      void this.#client.refetchQueries({ queryKey });
      return this.#schedule();
    }
    if (known.seq < this.#seq)
      this.#client.setQueryData<TrialRows>(queryKey, { rows: mergeRows(known.rows, this.#trials), seq: this.#seq });
    this.#trials = [];
    // Another read of the status follows if one was too early.
    if (status && status.seq < this.#seq) this.#schedule();
    return undefined;
  }
}
