import type { WorkerResource } from '@gradsmith/contract';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useApi } from '../app/context.ts';
import { keys } from './keys.ts';

/** Reads the live workers, and again every `everyMs`, or never. */
export function useWorkers(everyMs: number | false): UseQueryResult<WorkerResource[]> {
  const api = useApi();
  return useQuery({
    queryKey: keys.workers,
    queryFn: ({ signal }) => api.workers(signal),
    refetchInterval: everyMs,
  });
}
