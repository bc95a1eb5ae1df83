import { collectPaths, listMarkedTrials, namePoint, nameTrial, type ReportData } from '@gradsmith/charts';
import type { TrialDetail } from '@gradsmith/contract';
import { countRecordedWeights, decodeCurve, REFERENCE_ID } from '@gradsmith/core/domain';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { Figure } from './figure.tsx';
import { SHOWN } from './report-data.ts';

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
  const api = useApi();
  const { jobId } = data;
  const shown = listMarkedTrials(data, SHOWN).slice(0, SHOWN);
  const ids = [...(data.reference?.value == null ? [] : [REFERENCE_ID]), ...shown.map(({ number }) => String(number))];
  const trials = useQueries({
    queries: ids.map((trial) => ({
      // The page reads these trials for their curves, too.
      queryKey: keys.trial(jobId, trial),
      queryFn: ({ signal }: { signal: AbortSignal }) => api.trial(jobId, trial, signal),
      staleTime: Infinity,
    })),
    combine: (results) => results.map((result) => result.data),
  });
  const known = trials.filter((trial) => trial !== undefined);
  const paths = useMemo(() => {
    const recorded = known.flatMap((trial) => readPath(trial, data));
    return collectPaths(known[0]?.recording?.layer ?? '', recorded, NO_LANDSCAPE);
  }, [known.map(({ id }) => id).join(), data.parameters]);
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
