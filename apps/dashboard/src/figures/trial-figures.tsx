import {
  describeCurves,
  listImplicitRates,
  listParameters,
  namePoint,
  nameTrial,
  type CurvesData,
} from '@gradsmith/charts';
import type { TrialDetail } from '@gradsmith/contract';
import { planTraining } from '@gradsmith/core/objective';
import { isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import { useMemo } from 'react';
import { Figure } from './figure.tsx';
import { listReported } from './list-reported.ts';

/** The curve of one trial, which grows while it runs, and its b-functions with their learning rates and inputs. */
export function TrialFigures({
  spec,
  trial,
}: {
  readonly spec: JobSpec;
  readonly trial: TrialDetail;
}): React.JSX.Element {
  const { number, point, id } = trial;
  const rates = useMemo(
    () =>
      number === null || trial.baseline
        ? []
        : listImplicitRates(spec, { number, point, metrics: trial.metrics, preActivations: trial.preActivations }),
    [spec, number, point, trial],
  );
  const curves = useMemo((): CurvesData | null => {
    const name = number === null ? `trial ${id}` : nameTrial(number, namePoint(listParameters(spec), point));
    const meaning = describeCurves(spec);
    if (trial.curve.length) return { meaning, trials: [{ name, values: trial.curve }], reference: null };
    const reported = listReported(trial);
    if (!reported.values.length) return null;
    const steps = isTrainingJob(spec) ? planTraining(spec.objective).steps : undefined;
    return { meaning, trials: [{ name, ...reported }], reference: null, isReported: true, steps };
  }, [spec, trial, id, number, point]);
  return (
    <div className="figures">
      {curves && (
        <Figure
          title={curves.meaning.cap === null ? 'Reported values by step' : 'Loss over training'}
          data={curves}
          kind="curves"
        />
      )}
      {rates.map((rate) => (
        <Figure
          key={rate.layer}
          title={`b-function of ${rate.layer}, its learning rate and its inputs`}
          data={rate}
          kind="implicit-rate"
        />
      ))}
    </div>
  );
}
