import type { SCHEMA_VERSION } from './schema-version.ts';

/** What clients changed of a job after they had created it. It replaces fields of the specification for readers. */
export interface JobDetails {
  schema: typeof SCHEMA_VERSION;
  name?: string | undefined;
  labels?: Record<string, string> | undefined;
  priority?: number | undefined;
  /** Markdown, for people. */
  notes?: string | undefined;
}

/** Characters of the notes of a job, at most. */
export const MAX_NOTES = 20_000;

/** Returns the specification with the name, the labels and the priority that the job has now. */
export function applyDetails<S extends { name: string; labels: Record<string, string>; priority?: number | undefined }>(
  spec: S,
  details: JobDetails | null,
): S {
  if (!details) return spec;
  const changed = { ...spec, name: details.name ?? spec.name, labels: details.labels ?? spec.labels };
  if (details.priority !== undefined) changed.priority = details.priority;
  return changed;
}
