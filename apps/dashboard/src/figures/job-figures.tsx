import { type BFunctionData, type CurvesData, type ReportData } from '@gradsmith/charts';
import { useCallback, useMemo } from 'react';
import { useNavigate } from 'react-router';
import { rankRows, type TrialRow } from '../data/trial-rows.ts';
import { Figure } from './figure.tsx';
import { SHOWN, type Curves } from './report-data.ts';

interface JobFiguresProps {
  readonly data: ReportData;
  readonly curves: Curves;
  /** The first figures answer how the search went and what it found. */
  readonly most?: 'first' | 'all';
}

/** The figures of a job. Each appears once there is data for it. */
export function JobFigures({ data, curves, most = 'all' }: JobFiguresProps): React.JSX.Element {
  const navigate = useNavigate();
  const { jobId } = data;
  const onTrial = useCallback(
    (number: number) => void navigate(`/jobs/${encodeURIComponent(jobId)}/trials/${number}`),
    [navigate, jobId],
  );
  const losses = useMemo(() => collectCurves(data, curves), [data, curves]);
  const hasBest = data.trials.some(({ state, value }) => state === 'complete' && value !== null);
  const isSettled = data.trials.some(({ state }) => state !== 'pending' && state !== 'running');
  return (
    <div className="figures">
      {(isSettled || !data.trials.length) && <Figure title="The search" data={data} kind="search" onTrial={onTrial} />}
      {data.bFunctions.map((layer) => (
        <BFunctionFigure key={layer.layer} layer={layer} onTrial={onTrial} />
      ))}
      {most === 'all' && (
        <>
          {losses && (
            <Figure
              title={losses.meaning.cap === null ? 'Reported values by step' : 'Loss over training'}
              data={losses}
              kind="curves"
              onTrial={onTrial}
            />
          )}
          {data.confirmations.length > 0 && (
            <Figure title="Confirmed on fresh seeds" data={data} kind="confirmations" onTrial={onTrial} />
          )}
          {data.importance && data.importance.length > 0 && (
            <Figure title="Importance of the parameters" data={data.importance} kind="importance" />
          )}
          {hasBest && <Figure title="Value by parameter" data={data} kind="slices" onTrial={onTrial} />}
        </>
      )}
    </div>
  );
}

interface BFunctionFigureProps {
  readonly layer: BFunctionData;
  readonly onTrial?: (number: number) => void;
}

export function BFunctionFigure({ layer, ...props }: BFunctionFigureProps): React.JSX.Element {
  return <Figure title={`b-functions of ${layer.layer}`} data={layer} kind="b-functions" {...props} />;
}

/** Returns null while no curve was read. */
function collectCurves(data: ReportData, curves: Curves): CurvesData | null {
  const best = rankRows(data.trials as readonly TrialRow[], data.metric.direction, SHOWN);
  const trials = best.flatMap(({ number }) => {
    const values = curves.get(String(number));
    return values?.length ? [{ name: `trial ${number}`, number, values }] : [];
  });
  const reference = data.reference?.curve?.length ? { name: data.reference.label, values: data.reference.curve } : null;
  return trials.length || reference ? { meaning: data.curveMeaning, trials, reference } : null;
}
