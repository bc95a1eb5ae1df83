import type { JobModel } from '@gradsmith/contract';
import { isActive, type JobState } from '@gradsmith/core/domain';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { describeError } from '../parts/describe-error.ts';
import type { Pair } from './pair-chooser.tsx';
import type { FittedJob } from './use-importance.ts';

/** The service fits a model for it, so it is read again only this often while trials settle, ms. */
const EVERY_MS = 30_000;

export interface ModelAnswer {
  readonly model: JobModel | null;
  /** Why there is none; null if nothing went wrong. */
  readonly error: string | null;
}

/**
 * Reads the model of a job, again and again while trials settle.
 *
 * @param pair the two parameters of its grid; null: the most important ones
 */
export function useModel({ jobId, state, hasBest }: FittedJob, pair: Pair | null): ModelAnswer {
  const api = useApi();
  const canChange = isActive(state as JobState);
  const { data, error } = useQuery({
    queryKey: keys.model(jobId, canChange ? 'active' : 'finished', JSON.stringify(pair)),
    enabled: hasBest,
    queryFn: ({ signal }) => api.model(jobId, pair, signal),
    refetchInterval: canChange ? EVERY_MS : false,
    staleTime: EVERY_MS,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
  });
  return { model: data ?? null, error: error && describeError(error).replace(/\.$/, '') };
}
