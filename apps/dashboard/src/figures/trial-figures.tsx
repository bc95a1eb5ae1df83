import { describeCurves, listParameters, namePoint, nameTrial, sampleLayers, type CurvesData } from '@gradsmith/charts';
import type { TrialDetail } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import { useMemo } from 'react';
import { Figure } from './figure.tsx';
import { BFunctionFigure } from './job-figures.tsx';
import { listReported } from './list-reported.ts';

/** The curve and the b-functions of one trial. While it runs, the curve grows. */
export function TrialFigures({
  spec,
  trial,
}: {
  readonly spec: JobSpec;
  readonly trial: TrialDetail;
}): React.JSX.Element {
  const { number, point, id } = trial;
  const layers = useMemo(
    () => (number === null || trial.baseline ? [] : sampleLayers(spec, [{ number, point }])),
    [spec, number, point, trial.baseline],
  );
  const curves = useMemo((): CurvesData | null => {
    const name = number === null ? `trial ${id}` : nameTrial(number, namePoint(listParameters(spec), point));
    const values = trial.curve.length ? trial.curve : listReported(trial);
    if (!values.length) return null;
    return { meaning: describeCurves(spec), trials: [{ name, values }], reference: null };
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
      {layers.map((layer) => (
        <BFunctionFigure key={layer.layer} layer={layer} />
      ))}
    </div>
  );
}
