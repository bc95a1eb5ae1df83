import type { JobSummary } from '@gradsmith/contract';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Host } from './host.ts';

const WHOLE_ID = /^job_[0-9a-f]{20}$/;
/** Newest jobs looked through for a name or the beginning of an id. */
const LOOKED_AT = 200;
const SHOWN = 5;

/**
 * The id of the job that is meant by an id, by the beginning of one, or by a name (the newest of that name); nothing
 * means the newest job. Throws Failure that lists what there is.
 */
export async function findJob(host: Host, meant: string | undefined): Promise<string> {
  if (meant !== undefined && WHOLE_ID.test(meant)) return meant;
  const { items } = await host.list({ limit: LOOKED_AT });
  if (!items.length)
    throw new Failure(
      exitCodes.notFound,
      'no-jobs',
      `there are no jobs in ${host.name} yet.\nRun one (gradsmith run FILE), submit one (gradsmith ` +
        `submit FILE --server URL), or look elsewhere with --data or --server.`,
    );
  if (meant === undefined) return items[0]!.id;
  const named = items.find(({ name }) => name === meant);
  if (named) return named.id;
  const begun = items.filter(({ id }) => id.startsWith(meant) || id.startsWith(`job_${meant}`));
  if (begun.length === 1) return begun[0]!.id;
  const [what, listed] = begun.length
    ? [`${meant} may mean several jobs of ${host.name}`, begun]
    : [`${host.name} has no job ${meant}`, items];
  throw new Failure(
    begun.length ? exitCodes.usage : exitCodes.notFound,
    begun.length ? 'ambiguous-job' : 'not-found',
    `${what}.\n${begun.length ? 'These do' : 'The newest are'}:\n${describe(listed)}\ngradsmith jobs lists all.`,
  );
}

function describe(jobs: readonly JobSummary[]): string {
  return jobs
    .slice(0, SHOWN)
    .map(({ id, name, state }) => `  ${id}  ${name} (${state})`)
    .join('\n');
}
