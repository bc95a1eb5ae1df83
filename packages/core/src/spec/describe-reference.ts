import type { TrainingJob } from './job-spec.ts';
import { buildSearchSpace } from './search-space.ts';

/** How texts and figures call the reference. */
export interface ReferenceNames {
  /** What it trains, for sentences. */
  readonly name: string;
  /** The short form, for the lines and axes of figures. */
  readonly label: string;
}

/**
 * Returns what the trials of a job are compared with. The reference leaves out the backward replacements and keeps the
 * searched settings as the job file has them. In a job without replacements, trials are plain backpropagation, too, so
 * the reference is not called by this name there.
 */
export function describeReference(spec: TrainingJob): ReferenceNames {
  if (!spec.objective.backward.length) return { name: "the job's own settings", label: "the job's own settings" };
  const places = Object.values(buildSearchSpace(spec).bindings);
  const searchesSettings = places.some((at) => !at.startsWith('/backward/'));
  const name = searchesSettings ? "plain backpropagation with the job's own settings" : 'plain backpropagation';
  return { name, label: 'backpropagation' };
}
