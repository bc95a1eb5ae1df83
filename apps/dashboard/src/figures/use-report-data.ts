import type { ReportData } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import { useThrottledValue } from '@mantine/hooks';
import { useMemo } from 'react';
import type { TrialRow } from '../data/trial-rows.ts';
import { toReportData } from './report-data.ts';

/** With many trials, figures are drawn again only this often, ms. */
const REDRAW_MS = 5_000;
const MANY = 5_000;

/**
 * Returns what the figures and the verdict of a job are made from; null until its status and trials were read.
 *
 * @param rows all trials; undefined while they are being read
 */
export function useReportData(
  spec: JobSpec | undefined,
  status: JobStatus | undefined,
  rows: readonly TrialRow[] | undefined,
): ReportData | null {
  const source = useMemo(() => (spec && status && rows ? { spec, status, rows } : null), [spec, status, rows]);
  const isLong = (rows?.length ?? 0) > MANY;
  const calm = useThrottledValue(source, isLong ? REDRAW_MS : 0);
  const drawn = isLong && calm?.status.id === status?.id ? calm : source;
  return useMemo(() => drawn && toReportData(drawn), [drawn]);
}
