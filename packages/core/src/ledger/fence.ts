import type { Draft } from './draft.ts';

/**
 * The coordinator's operations. Each is refused with `stale-fence` once another coordinator has taken the job's lease;
 * the lease record is part of the compare-and-set, so a coordinator that was asleep cannot write, however late it
 * wakes.
 */
export interface Fenced {
  jobId: string;
  fence: number;
}

export function holdsFence(draft: Draft, fence: number): boolean {
  return draft.lease?.fence === fence;
}
