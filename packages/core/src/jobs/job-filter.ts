import type { JobRecord } from '../domain/job-record.ts';
import type { JobView } from '../ledger/ledger.ts';

/** A label's key, or key and value with a colon between them. */
export const labelPattern = /^[a-z0-9._-]+(?::|$)/;

export interface JobFilter {
  readonly state?: JobRecord['state'] | undefined;
  /** Part of the name. */
  readonly name?: string | undefined;
  /** `key` or `key:value`; all must hold. */
  readonly labels?: readonly string[] | undefined;
}

/** Whether a list of jobs that is filtered so has this one. */
export function matchesJobFilter({ job, spec }: JobView, { state, name, labels = [] }: JobFilter): boolean {
  if (state && job.state !== state) return false;
  if (name && !spec.name.includes(name)) return false;
  return labels.every((wanted) => {
    const colon = wanted.indexOf(':');
    const [key, value] = colon < 0 ? [wanted, undefined] : [wanted.slice(0, colon), wanted.slice(colon + 1)];
    return Object.hasOwn(spec.labels, key) && (value === undefined || spec.labels[key] === value);
  });
}
