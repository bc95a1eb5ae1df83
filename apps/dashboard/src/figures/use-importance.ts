import type { ImportanceData } from '@gradsmith/charts';
import { isActive, type JobState } from '@gradsmith/core/domain';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';

/** The service fits a model for it, so it is read again only this often, ms. */
const EVERY_MS = 30_000;

export interface FittedJob {
  readonly jobId: string;
  readonly state: string;
  /** Whether a trial is complete; without one, there is no model. */
  readonly hasBest: boolean;
}

/** Reads the importance of a job's parameters, again and again while trials settle; null until it was answered. */
export function useImportance({ jobId, state, hasBest }: FittedJob): readonly ImportanceData[] | null {
  const api = useApi();
  const canChange = isActive(state as JobState);
  const { data, isError } = useQuery({
    queryKey: keys.importance(jobId, canChange ? 'active' : 'finished'),
    enabled: hasBest,
    queryFn: async ({ signal }) =>
      (await api.importance(jobId, signal)).map(({ name, total }): ImportanceData => ({ name, share: total })),
    refetchInterval: canChange ? EVERY_MS : false,
    staleTime: EVERY_MS,
    refetchOnWindowFocus: false,
  });
  return data ?? (isError ? none : null);
}

const none: readonly ImportanceData[] = [];
