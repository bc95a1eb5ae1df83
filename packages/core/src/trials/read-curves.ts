import { getCurrentAttempt, type TrialRecord } from '../domain/trial-record.ts';
import { decodeCurve } from '../domain/trial-result.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { capLoss, computeLossCap } from '../objective/metric.ts';
import { planTraining } from '../objective/schema.ts';
import { isTrainingJob, type JobSpec } from '../spec/job-spec.ts';
import { readAttemptReports } from './read-trial.ts';

/** The curve of a trial, thinned out: ascending steps, and the value at each. */
export interface ThinCurve {
  trial: string;
  steps: number[];
  values: number[];
}

/** Steps of a thinned curve, at most. */
export const MAX_CURVE_STEPS = 200;
/** Curves that are decoded at once: one may have hundreds of thousands of steps. */
const AT_ONCE = 8;

/**
 * Reads the curves of trials, in the order of `ids`. Trials without a curve are left out; of a trial without a result,
 * the curve is what its latest attempt has reported.
 *
 * @throws NotFound if there is no such job
 */
export async function readCurves(ledger: Ledger, jobId: string, ids: readonly string[]): Promise<ThinCurve[]> {
  const { spec } = await ledger.readJob(jobId);
  const found: ThinCurve[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const page = ids.slice(from, from + AT_ONCE);
    const curves = await ledger.readCurves(jobId, page);
    const trials = new Map((await ledger.readTrials(jobId, page)).map((trial) => [trial.id, trial]));
    for (const [i, id] of page.entries()) {
      const trial = trials.get(id);
      if (!trial) continue;
      const thin = curves[i] ? thinCurve(spec, decodeCurve(curves[i])) : await readReported(ledger, spec, jobId, trial);
      if (thin.steps.length) found.push({ trial: id, ...thin });
    }
  }
  return found;
}

/**
 * Thins a curve out to 200 steps. Of a training, each value is the mean of the capped losses of the steps since the one
 * before; reported values stay as they are, with the first and the last of them.
 */
export function thinCurve(spec: JobSpec, curve: ArrayLike<number>): Omit<ThinCurve, 'trial'> {
  const count = Math.min(MAX_CURVE_STEPS, curve.length);
  if (!isTrainingJob(spec)) {
    const steps = Array.from({ length: count }, (_, i) =>
      count > 1 ? 1 + Math.round((i * (curve.length - 1)) / (count - 1)) : 1,
    );
    return { steps, values: steps.map((step) => curve[step - 1]!) };
  }
  const cap = computeLossCap(planTraining(spec.objective).classes);
  const steps = Array.from({ length: count }, (_, i) => Math.floor(((i + 1) * curve.length) / count));
  return { steps, values: steps.map((to, i) => averageLosses(curve, { from: steps[i - 1] ?? 0, to, cap })) };
}

function averageLosses(
  curve: ArrayLike<number>,
  { from, to, cap }: { readonly from: number; readonly to: number; readonly cap: number },
): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += capLoss(curve[i]!, cap);
  return sum / (to - from);
}

async function readReported(
  ledger: Ledger,
  spec: JobSpec,
  jobId: string,
  trial: TrialRecord,
): Promise<Omit<ThinCurve, 'trial'>> {
  const attempt = getCurrentAttempt(trial);
  if (!attempt) return { steps: [], values: [] };
  const [reports] = await readAttemptReports(ledger, spec, jobId, [{ trialId: trial.id, attemptId: attempt.id }]);
  const points = reports!.losses.length ? reports!.losses : reports!.values;
  return { steps: points.map(({ step }) => step), values: points.map(({ value }) => value) };
}
