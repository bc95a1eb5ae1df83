import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../app/context.ts';
import { keys } from './keys.ts';

/** What pages show of a running trial. */
export type RunningTrial = Pick<TrialResource, (typeof fields)[number]>;

const fields = ['id', 'attempts', 'progress'] as const;
const none: readonly RunningTrial[] = [];
const EVERY_MS = 4_000;
const MOST = 24;

/** Reads the running trials of a job, of every role, while the job is active. Their progress has no events. */
export function useRunningTrials({ id, phase, state }: JobStatus): readonly RunningTrial[] {
  const api = useApi();
  const isActive = phase !== 'finished';
  const { data } = useQuery({
    queryKey: keys.running(id),
    queryFn: async ({ signal }) =>
      (await api.selectTrialsPage(id, { state: 'running' }, { limit: MOST }, { fields, signal })).items,
    refetchInterval: isActive ? EVERY_MS : false,
    enabled: isActive && state !== 'queued',
  });
  return isActive ? (data ?? none) : none;
}
