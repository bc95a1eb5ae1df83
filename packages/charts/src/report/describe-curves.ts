import { computeLossCap, planTraining } from '@gradsmith/core/objective';
import { getMetricName, isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import type { CurveMeaning } from './data.ts';

/** Returns what the curves of a job hold: training losses of our workers, or values that a program reported. */
export function describeCurves(spec: JobSpec): CurveMeaning {
  if (!isTrainingJob(spec)) return { quantity: getMetricName(spec), cap: null, isArea: false };
  return {
    quantity: 'loss on the training batch',
    cap: computeLossCap(planTraining(spec.objective).classes),
    isArea: spec.objective.metric === 'aulc',
  };
}
