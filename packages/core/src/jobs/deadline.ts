import { milliseconds } from '../domain/duration.ts';
import type { JobRecord } from '../domain/job-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/**
 * Returns whether the job is past its deadline by the ledger's clock, counted from its start or from when it was last
 * extended. A pause does not stop the deadline, and a paused job is not failed by it.
 */
export function isOverdue(
  { startedAt, resumed }: JobRecord,
  { limits: { deadline } }: Pick<JobSpec, 'limits'>,
  now: number,
): boolean {
  const since = resumed?.at ?? startedAt;
  return deadline !== undefined && since !== null && now - since > milliseconds(deadline);
}
