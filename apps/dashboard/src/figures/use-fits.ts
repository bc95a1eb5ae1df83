import type { ImportanceData } from '@gradsmith/charts';
import type { JobModel } from '@gradsmith/contract';
import { isActive, type JobState } from '@gradsmith/core/domain';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { describeError } from '../parts/describe-error.ts';
import type { Pair } from './pair-chooser.tsx';

/** The service fits a model for each answer, so it is read again only this often while trials settle, ms. */
const EVERY_MS = 30_000;

/** A job for which the service fits a model. */
export interface FittedJob {
  readonly jobId: string;
  readonly state: string;
  /** Whether a trial is complete; without one, there is no model. */
  readonly hasBest: boolean;
}

/** Reads the importance of a job's parameters, again and again while trials settle; null until it was answered. */
export function useImportance(job: FittedJob): readonly ImportanceData[] | null {
  const api = useApi();
  const { data, isError } = useQuery({
    ...paceReads(job),
    queryKey: keys.importance(job.jobId, namePhase(job)),
    queryFn: async ({ signal }) =>
      (await api.importance(job.jobId, signal)).map(({ name, total }): ImportanceData => ({ name, share: total })),
  });
  return data ?? (isError ? none : null);
}

const none: readonly ImportanceData[] = [];

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
export function useModel(job: FittedJob, pair: Pair | null): ModelAnswer {
  const api = useApi();
  const { data, error } = useQuery({
    ...paceReads(job),
    queryKey: keys.model(job.jobId, namePhase(job), JSON.stringify(pair)),
    queryFn: ({ signal }) => api.model(job.jobId, pair, signal),
    placeholderData: keepPreviousData,
  });
  return { model: data ?? null, error: error && describeError(error).replace(/\.$/, '') };
}

function paceReads({ state, hasBest }: FittedJob) {
  return {
    enabled: hasBest,
    refetchInterval: isActive(state as JobState) ? EVERY_MS : (false as const),
    staleTime: EVERY_MS,
    refetchOnWindowFocus: false,
  };
}

/** A job that has finished is read once more. */
function namePhase({ state }: FittedJob): string {
  return isActive(state as JobState) ? 'active' : 'finished';
}
