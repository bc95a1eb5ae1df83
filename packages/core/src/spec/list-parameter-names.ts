import { listBaselines } from './baselines.ts';
import type { JobSpec } from './job-spec.ts';
import { buildSearchInputs } from './search-inputs.ts';

/** Lists the names of all parameters in points of the job's trials: those of the search, then of the baselines. */
export function listParameterNames(spec: JobSpec): string[] {
  const searches = [null, ...listBaselines(spec)];
  return [...new Set(searches.flatMap((baseline) => Object.keys(buildSearchInputs(spec, baseline).space)))];
}
