import { z } from 'zod';
import { canonicalJson } from '../domain/canonical-json.ts';
import { addEnqueuedPoint, createEnqueuedPoints } from '../domain/enqueued-points.ts';
import { jobIdPattern } from '../domain/job-id.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { encodeServiceKey } from '../domain/scoped-key.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getDirection, jobSchema, parseJob, type JobSpec } from '../spec/job-spec.ts';
import { createJob } from './create-job.ts';
import { createJobSpace, readWarmStart, selectKnownResults } from './warm-start.ts';

const { name, labels, space, constraints, search, confirm, limits } = jobSchema.shape;
/** Fields of the group that differ from the source's. */
const changed = z.record(z.string().max(64), z.unknown());

/** How a clone differs from its source. The objective stays the same, so that results are comparable. */
export const cloneRequestSchema = z.strictObject({
  name: name.optional().describe('Name of the clone; by default that of the source'),
  labels: labels.unwrap().optional().describe('Replace all labels of the source'),
  space: space.unwrap().optional().describe('Replaces the whole space of the source'),
  constraints: constraints.describe('Replaces the constraints of the source; `[]` for none'),
  search: changed.optional().describe(`Fields of search: ${Object.keys(search.shape).join(', ')}`),
  confirm: changed.optional().describe(`Fields of confirm: ${Object.keys(confirm.unwrap().shape).join(', ')}`),
  limits: changed.optional().describe(`Fields of limits: ${Object.keys(limits.unwrap().shape).join(', ')}`),
  warmStart: z
    .strictObject({
      from: z
        .string()
        .regex(jobIdPattern, 'must be a job id')
        .optional()
        .describe('Job whose trials to start from; by default the source'),
      mode: z
        .enum(['observe', 'enqueue'])
        .default('observe')
        .describe(
          'observe: the optimizer knows the results, without running them. enqueue: the best points ' +
            'are tried again first',
        ),
      top: z
        .int()
        .min(1)
        .max(500)
        .optional()
        .describe(
          'Use only this many of the best points; by default 5 for enqueue and all results for observe. Of more than ' +
            '500, the best 333 are used and an even selection of the others',
        ),
    })
    .optional()
    .describe('Start from the results of a job; by default the clone starts without results'),
});
export type CloneRequest = z.infer<typeof cloneRequestSchema>;
/** A clone request as clients write it: defaults may be left out. */
export type CloneInput = z.input<typeof cloneRequestSchema>;

export interface CloneResult {
  job: JobRecord;
  spec: JobSpec;
  created: boolean;
  /**
   * Results the clone knows, points it tries first, and results and trials left out: its space does not have their
   * points, or there are too many of them.
   */
  observed: number;
  enqueued: number;
  skipped: number;
}

/**
 * Creates a job like another one, optionally from the results of a job. Those results become part of the new job, which
 * does not depend on the old one. A repeated call with the same id finds the first job. `check` may throw to refuse the
 * complete specification before anything is stored.
 *
 * @throws InvalidInput if the changes are not valid, Conflict if results of another objective would be observed
 */
export async function cloneJob(
  ledger: Ledger,
  sourceId: string,
  jobId: string,
  request: CloneRequest,
  check: (spec: JobSpec) => void = () => {},
): Promise<CloneResult> {
  const source = (await ledger.readJob(sourceId)).spec;
  const { warmStart, ...changes } = request;
  const bare = parseJob({
    ...source,
    name: changes.name ?? source.name,
    labels: changes.labels ?? source.labels,
    space: changes.space ?? source.space,
    constraints: changes.constraints ?? source.constraints,
    search: { ...source.search, known: [], ...changes.search },
    confirm: { ...source.confirm, ...changes.confirm },
    limits: { ...source.limits, ...changes.limits },
  });
  // Known results that the source inherited are left out if the new space does not have their points.
  const inherited = changes.search && Object.hasOwn(changes.search, 'known') ? [] : source.search.known;
  const space = createJobSpace(bare);
  const fitting = inherited.filter(({ point }) => space.contains(point));
  const plain = { ...bare, search: { ...bare.search, known: [...fitting, ...bare.search.known] } };
  const present = await ledger.findJob(jobId);
  const posted = present && (await ledger.readPostedSpec(jobId));
  if (posted && canonicalJson(selectRequested(posted, changes)) === canonicalJson(selectRequested(plain, changes))) {
    const enqueued = Object.keys((await ledger.readEnqueuedPoints(jobId)).keys).length;
    return {
      job: present.job,
      spec: present.spec,
      created: false,
      observed: posted.search.known.length,
      enqueued,
      skipped: 0,
    };
  }
  const warm = warmStart
    ? await readWarmStart(ledger, warmStart.from ?? sourceId, plain, warmStart)
    : { known: [], points: [], skipped: 0 };
  const known = selectKnownResults([...plain.search.known, ...warm.known], getDirection(plain));
  const spec = parseJob({ ...plain, search: { ...plain.search, known } });
  check(spec);
  const queue = createEnqueuedPoints();
  for (const { id, point } of warm.points.slice(0, spec.search.trials))
    addEnqueuedPoint(queue, { key: encodeServiceKey(`${warmStart?.from ?? sourceId}-${id}`), point });
  const { job, created } = await createJob(ledger, jobId, spec, queue);
  return {
    job,
    spec,
    created,
    observed: known.length,
    enqueued: queue.points.length,
    skipped: inherited.length + warm.known.length + warm.skipped - known.length + bare.search.known.length,
  };
}

/**
 * Returns the part of a clone's specification by which a repeated request is recognized: without the known results, and
 * without what the source may have changed since then.
 */
function selectRequested(spec: JobSpec, { name, labels }: CloneRequest): Partial<JobSpec> {
  const selected: Partial<JobSpec> = { ...spec, search: { ...spec.search, known: [] } };
  delete selected.priority;
  if (name === undefined) delete selected.name;
  if (labels === undefined) delete selected.labels;
  return selected;
}
