import type { WorkerResource } from '@gradsmith/contract';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useApi } from '../app/context.ts';
import { keys } from './keys.ts';

/** Reads the live workers, and again every `everyMs`. */
export function useWorkers(everyMs: number): UseQueryResult<WorkerResource[]> {
  const api = useApi();
  return useQuery({
    queryKey: keys.workers,
    queryFn: ({ signal }) => api.workers(signal),
    refetchInterval: everyMs,
  });
}
