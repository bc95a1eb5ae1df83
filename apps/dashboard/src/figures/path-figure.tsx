import { collectPaths, namePoint, nameTrial, type ReportData } from '@gradsmith/charts';
import type { TrialDetail } from '@gradsmith/contract';
import { countRecordedWeights, decodeCurve } from '@gradsmith/core/domain';
import { useMemo } from 'react';
import { Figure } from './figure.tsx';
import { useMarkedTrials } from './use-marked-trials.ts';

interface PathFigureProps {
  readonly data: ReportData;
  readonly onTrial: (number: number) => void;
}

const NO_LANDSCAPE = 'only the report measures it';

/**
 * The paths of recorded weights: of the reference and the best trials, or of some on the front. Nothing if the job
 * records none.
 */
export function PathFigure({ data, onTrial }: PathFigureProps): React.JSX.Element | null {
  const known = useMarkedTrials(data);
  const paths = useMemo(() => {
    const recorded = known.flatMap((trial) => readPath(trial, data));
    return collectPaths(known[0]?.recording?.layer ?? '', recorded, NO_LANDSCAPE);
  }, [known, data]);
  if (!paths) return null;
  return <Figure title={`Paths of the weights of ${paths.layer}`} data={paths} kind="paths" onTrial={onTrial} />;
}

function readPath(trial: TrialDetail, { parameters, reference }: ReportData) {
  const { recording, number, point, metrics } = trial;
  if (!recording) return [];
  const numbers = decodeCurve(recording.weights);
  const size = countRecordedWeights(recording);
  const name = number === null ? (reference?.label ?? 'reference') : nameTrial(number, namePoint(parameters, point));
  return [
    {
      name,
      trial: number,
      cosine: metrics['cosine.mean'] ?? null,
      weights: recording.steps.map((_, i) => numbers.subarray(i * size, (i + 1) * size)),
    },
  ];
}
