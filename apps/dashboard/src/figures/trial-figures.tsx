import { describeCurves, drawCurves, sampleLayers, type CurvesData } from '@gradsmith/charts';
import type { TrialWithCurve } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import { useMemo } from 'react';
import { Figure } from './figure.tsx';
import { BFunctionFigure } from './job-figures.tsx';

/** The b-functions and the curve of one trial. */
export function TrialFigures({
  spec,
  trial,
}: {
  readonly spec: JobSpec;
  readonly trial: TrialWithCurve;
}): React.JSX.Element {
  const { number, point, curve, id } = trial;
  const layers = useMemo(
    () => (number === null || trial.baseline ? [] : sampleLayers(spec, [{ number, point }])),
    [spec, number, point, trial.baseline],
  );
  const curves = useMemo((): CurvesData | null => {
    if (!curve.length) return null;
    return { meaning: describeCurves(spec), trials: [{ name: `trial ${id}`, values: curve }], reference: null };
  }, [spec, curve, id]);
  return (
    <div className="figures">
      {curves && (
        <Figure
          title={curves.meaning.cap === null ? 'Reported values by step' : 'Loss over training'}
          data={curves}
          draw={drawCurves}
        />
      )}
      {layers.map((layer) => (
        <BFunctionFigure key={layer.layer} layer={layer} />
      ))}
    </div>
  );
}
