import type { ReportData } from '@gradsmith/charts';
import type { JobDocument } from '@gradsmith/core/jobs';
import { MAX_MODEL_TRIALS, measureImportance, measureModel } from '@gradsmith/core/trials';

/** With fewer complete trials, the model describes the objective too poorly. */
const ENOUGH = 5;

/** Fits the model once for the importance of the parameters and once for what it expects. */
export function fitModel({ spec, job, trials }: JobDocument): Pick<ReportData, 'importance' | 'model'> {
  const known = spec.search.known.filter(({ outcome }) => outcome === 'complete');
  const complete = trials.filter(({ role, state }) => role === 'search' && state === 'complete');
  if (known.length + complete.length < ENOUGH) return { importance: [], model: null };
  const last = trials.filter(({ role, state }) => role === 'search' && state !== 'cancelled').slice(-MAX_MODEL_TRIALS);
  return {
    importance: measureImportance(spec, job, last).map(({ name, total }) => ({ name, share: total })),
    model: measureModel(spec, job, last),
  };
}
