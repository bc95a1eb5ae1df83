import type { RunData } from '@gradsmith/charts';
import type { TrialCurve } from '@gradsmith/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';

const none: ReadonlyMap<string, RunData> = new Map();
/** Pause between reads of curves that still grow, ms. */
const EVERY_MS = 6_000;

/** Reads the curves of up to 100 trials, by id, in one request; again and again while some of them grow. */
export function useCurves(job: string, trials: readonly string[], isGrowing: boolean): ReadonlyMap<string, RunData> {
  const api = useApi();
  const { data } = useQuery({
    queryKey: keys.curves(job, trials.join(',')),
    queryFn: ({ signal }) => api.curves(job, trials, signal),
    enabled: trials.length > 0,
    staleTime: isGrowing ? 0 : Infinity,
    refetchInterval: isGrowing ? EVERY_MS : false,
    placeholderData: keepPreviousData,
    select: toMap,
  });
  return data ?? none;
}

function toMap(curves: readonly TrialCurve[]): ReadonlyMap<string, RunData> {
  return new Map(curves.map(({ trial, steps, values }) => [trial, { steps, values }]));
}
