import type { ImportanceData, ReportData } from '@gradsmith/charts';
import type { JobStatus, TrialDetail } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import { useThrottledValue } from '@mantine/hooks';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { listMarkedRows, type TrialRow } from '../data/trial-rows.ts';
import { SHOWN, toReportData, type Curves } from './report-data.ts';

/** With many trials, figures are drawn again only this often, ms. */
const REDRAW_MS = 5_000;
const MANY = 5_000;
/** The service fits a model for the importance of the parameters, so it is read again only this often, ms. */
const IMPORTANCE_MS = 30_000;

const noRows: readonly TrialRow[] = [];

/** Returns what the figures and the verdict of a job are made from; null until its status and trials were read. */
export function useReportData(
  spec: JobSpec | undefined,
  status: JobStatus | undefined,
  rows: readonly TrialRow[] | undefined,
): ReportData | null {
  const curves = useBestCurves(status, rows ?? noRows);
  const importance = useImportance(status);
  const source = useMemo(
    () => (spec && status && rows ? { spec, status, rows, curves, importance } : null),
    [spec, status, rows, curves, importance],
  );
  const isLong = (rows?.length ?? 0) > MANY;
  const calm = useThrottledValue(source, isLong ? REDRAW_MS : 0);
  const drawn = isLong && calm?.status.id === status?.id ? calm : source;
  return useMemo(() => drawn && toReportData(drawn), [drawn]);
}

/** Reads the curves of the best trials and of the reference, each once. */
function useBestCurves(status: JobStatus | undefined, rows: readonly TrialRow[]): Curves {
  const api = useApi();
  const { id, reference } = status ?? { id: '', reference: null };
  const shown = status ? listMarkedRows(rows, status, SHOWN).map(({ number }) => String(number)) : [];
  if (reference !== null) shown.push('reference');
  return useQueries({
    queries: shown.map((trial) => ({
      queryKey: keys.trial(id, trial),
      queryFn: ({ signal }: { signal: AbortSignal }) => api.trial(id, trial, signal),
      staleTime: Infinity,
    })),
    combine: combineCurves,
  });
}

function combineCurves(results: readonly { readonly data?: TrialDetail | undefined }[]): Curves {
  return new Map(results.flatMap(({ data }) => (data ? [[data.id, data.curve] as const] : [])));
}

const noImportance: readonly ImportanceData[] = [];

function useImportance(status: JobStatus | undefined): readonly ImportanceData[] {
  const api = useApi();
  const { data } = useQuery({
    queryKey: keys.importance(status?.id ?? '', status?.phase ?? ''),
    queryFn: async ({ signal }) =>
      (await api.importance(status!.id, signal)).map(({ name, total }) => ({ name, share: total })),
    enabled: Boolean(status?.counts.complete),
    refetchInterval: status?.phase === 'finished' ? false : IMPORTANCE_MS,
    staleTime: IMPORTANCE_MS,
    refetchOnWindowFocus: false,
  });
  return data ?? noImportance;
}
