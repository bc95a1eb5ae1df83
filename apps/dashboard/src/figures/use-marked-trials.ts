import { listMarkedTrials, type ReportData } from '@gradsmith/charts';
import type { TrialDetail } from '@gradsmith/contract';
import { REFERENCE_ID } from '@gradsmith/core/domain';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { SHOWN } from './report-data.ts';

/** Reads the reference and the best trials, or some on the front, each once. Returns those that were read so far. */
export function useMarkedTrials(data: ReportData): readonly TrialDetail[] {
  const api = useApi();
  const { jobId } = data;
  const ids = useMemo(() => {
    const marked = listMarkedTrials(data, SHOWN).slice(0, SHOWN);
    return [...(data.reference?.value == null ? [] : [REFERENCE_ID]), ...marked.map(({ number }) => String(number))];
  }, [data]);
  return useQueries({
    queries: ids.map((trial) => ({
      queryKey: keys.trial(jobId, trial),
      queryFn: ({ signal }: { signal: AbortSignal }) => api.trial(jobId, trial, signal),
      staleTime: Infinity,
    })),
    combine: listRead,
  });
}

function listRead(results: readonly { readonly data?: TrialDetail | undefined }[]): readonly TrialDetail[] {
  return results.flatMap(({ data }) => data ?? []);
}
