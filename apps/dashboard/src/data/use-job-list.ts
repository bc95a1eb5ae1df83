import type { JobQuery, JobsEvent } from '@gradsmith/client';
import type { JobPage, JobSummary } from '@gradsmith/contract';
import {
  keepPreviousData,
  useInfiniteQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
  type UseInfiniteQueryResult,
} from '@tanstack/react-query';
import { useRef } from 'react';
import { useApi } from '../app/context.ts';
import { keys } from './keys.ts';
import { useStream } from './use-stream.ts';

const PAGE = 50;
/** Pause between reads while no stream is connected, ms. */
const POLL_MS = 2_000;
/** Events are shown together after this time, ms. */
const BATCH_MS = 250;
/** The list is read again at most this often, because other jobs may belong to it now, ms. */
const REREAD_MS = 2_000;

type List = InfiniteData<JobPage, string | null>;

/** Reads the jobs that match, page by page, and keeps them up to date. */
export function useJobList(query: JobQuery): UseInfiniteQueryResult<List> {
  const api = useApi();
  const isConnected = useJobEvents();
  return useInfiniteQuery({
    queryKey: [...keys.jobs, query],
    queryFn: ({ pageParam, signal }) => api.listJobsPage(query, { limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: isConnected ? false : POLL_MS,
    placeholderData: keepPreviousData,
  });
}

/** Puts the changes of all jobs into the lists. Returns whether the stream of events is connected. */
function useJobEvents(): boolean {
  const api = useApi();
  const client = useQueryClient();
  const waiting = useRef(new Map<string, JobsEvent>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const rereadAt = useRef(-Infinity);

  const flush = (): void => {
    timer.current = undefined;
    const events = [...waiting.current.values()];
    const isComplete = patchLists(client, events);
    const now = performance.now();
    if (!isComplete && now - rereadAt.current < REREAD_MS) {
      timer.current = setTimeout(flush, REREAD_MS);
      return;
    }
    waiting.current.clear();
    if (isComplete) return;
    rereadAt.current = now;
    void client.invalidateQueries({ queryKey: keys.jobs });
  };
  return useStream(
    'jobs',
    (options) => api.allEvents(options),
    (event) => {
      waiting.current.set(event.event === 'job' ? event.data.id : event.data.job, event);
      timer.current ??= setTimeout(flush, BATCH_MS);
    },
  );
}

/** Returns false if a list must be read again: a job is new or deleted, or changed its state, which filters name. */
function patchLists(client: QueryClient, events: readonly JobsEvent[]): boolean {
  const changed = new Map<string, JobSummary>();
  let isComplete = true;
  for (const event of events) {
    if (event.event === 'deleted') isComplete = false;
    else {
      const { seq: _, ...summary } = event.data;
      changed.set(summary.id, summary);
    }
  }
  const known = new Set<string>();
  client.setQueriesData<List>({ queryKey: keys.jobs }, (list) => {
    if (!list) return list;
    const replace = (job: JobSummary): JobSummary => {
      const summary = changed.get(job.id);
      if (!summary) return job;
      known.add(job.id);
      if (summary.state !== job.state) isComplete = false;
      return summary;
    };
    return { ...list, pages: list.pages.map((page) => ({ ...page, items: page.items.map(replace) })) };
  });
  return isComplete && known.size === changed.size;
}
