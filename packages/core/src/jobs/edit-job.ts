import { z } from 'zod';
import { InvalidInput } from '../domain/errors.ts';
import { applyDetails, MAX_NOTES, type JobDetails } from '../domain/job-details.ts';
import { SCHEMA_VERSION } from '../domain/schema-version.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { MAX_LABELS } from '../spec/check-size.ts';
import { jobSchema } from '../spec/job-spec.ts';
import { prioritySchema } from '../spec/worker-request.ts';

const { name, labels } = jobSchema.shape;
const { keyType, valueType } = labels.unwrap();

/** What can be changed of a job in any state, as a JSON merge patch (RFC 7396). */
export const jobChangesSchema = z
  .strictObject({
    name: name.optional().describe('The new name; jobs may have the same'),
    labels: z
      .record(keyType, valueType.nullable())
      .nullable()
      .optional()
      .describe(`Labels to add or change; null removes a label, or all of them. A job has at most ${MAX_LABELS}`),
    priority: prioritySchema.nullable().optional().describe(`${prioritySchema.description}; null: 0`),
    notes: z
      .string()
      .max(MAX_NOTES)
      .nullable()
      .optional()
      .describe(`Notes for people, in Markdown, at most ${MAX_NOTES} characters; null removes them`),
  })
  .refine(
    (changes) => Object.values(changes).some((field) => field !== undefined),
    'must have name, labels, priority or notes',
  );
export type JobChanges = z.infer<typeof jobChangesSchema>;

/**
 * Changes the name, the labels, the priority or the notes of a job. Nothing else of a job can be changed, and none of
 * them affects the points or the results of its trials. Repeating the call changes nothing.
 *
 * @throws NotFound for an unknown job, InvalidInput if the job had too many labels
 */
export async function editJob(ledger: Ledger, jobId: string, changes: JobChanges): Promise<void> {
  await ledger.transact(jobId, { details: true }, (draft) => {
    const before = applyDetails(draft.spec, draft.details);
    const details: JobDetails = { ...(draft.details ?? { schema: SCHEMA_VERSION }) };
    if (changes.name !== undefined) details.name = changes.name;
    if (changes.labels !== undefined) details.labels = changes.labels ? mergeLabels(before.labels, changes.labels) : {};
    if (changes.priority !== undefined) details.priority = changes.priority ?? 0;
    if (changes.notes !== undefined) details.notes = changes.notes ?? undefined;
    if (JSON.stringify(details) === JSON.stringify(draft.details)) return;
    draft.details = details;
    draft.job.seq += 1;
    draft.markChanged('details');
    draft.markChanged('job');
  });
}

function mergeLabels(
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = new Map<string, string | null>([...Object.entries(before), ...Object.entries(changes)]);
  const kept = [...merged].filter((entry): entry is [string, string] => entry[1] !== null);
  if (kept.length > MAX_LABELS) {
    const message = `would be ${kept.length} labels; at most ${MAX_LABELS} are allowed: remove some with null`;
    throw new InvalidInput([{ path: ['labels'], message }], 'the change');
  }
  return Object.fromEntries(kept);
}
