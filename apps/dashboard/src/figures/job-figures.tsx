import { collectComplexity, type BFunctionData, type ReportData } from '@gradsmith/charts';
import { useCallback, useMemo } from 'react';
import { useNavigate } from 'react-router';
import { BestRates } from './best-rates.tsx';
import { AllCurves, BestCurves, ConfirmedCurves } from './curve-figures.tsx';
import { Figure } from './figure.tsx';
import { ImportanceFigures } from './importance-figures.tsx';
import { ModelFigures } from './model-figures.tsx';
import { PathFigure } from './path-figure.tsx';
import { RankFigure } from './rank-figure.tsx';

interface JobFiguresProps {
  readonly data: ReportData;
  /** The first figures answer how the search went and what it found. */
  readonly most?: 'first' | 'all';
}

/** The figures of a job. Each appears once there is data for it. */
export function JobFigures({ data, most = 'all' }: JobFiguresProps): React.JSX.Element {
  const navigate = useNavigate();
  const { jobId } = data;
  const onTrial = useCallback(
    (number: number) => void navigate(`/jobs/${encodeURIComponent(jobId)}/trials/${number}`),
    [navigate, jobId],
  );
  const complexity = useMemo(() => collectComplexity(data), [data]);
  const hasBest = data.trials.some(({ state, value }) => state === 'complete' && value !== null);
  const isSettled = data.trials.some(({ state }) => state !== 'pending' && state !== 'running');
  const edf = useMemo(
    () => hasBest && { metric: data.metric, searches: [{ name: 'complete trials', trials: data.trials }] },
    [data, hasBest],
  );
  const timeline = useMemo(() => Boolean(data.attempts?.length) && { attempts: data.attempts! }, [data]);
  return (
    <div className="figures">
      {data.pareto && <Figure title="The Pareto front" data={data.pareto} kind="pareto" onTrial={onTrial} />}
      {(isSettled || !data.trials.length) && <Figure title="The search" data={data} kind="search" onTrial={onTrial} />}
      {data.bFunctions.map((layer) => (
        <BFunctionFigure key={layer.layer} layer={layer} onTrial={onTrial} />
      ))}
      <BestRates data={data} />
      {most === 'all' && (
        <>
          <BestCurves data={data} onTrial={onTrial} />
          {complexity && (
            <Figure title="Complexity and value of the formulas" data={complexity} kind="pareto" onTrial={onTrial} />
          )}
          <AllCurves data={data} onTrial={onTrial} />
          <ConfirmedCurves data={data} onTrial={onTrial} />
          {edf && <Figure title="Distribution of the values" data={edf} kind="edf" />}
          {timeline && <Figure title="Attempts by worker" data={timeline} kind="timeline" onTrial={onTrial} />}
          {data.confirmations.length > 0 && (
            <Figure title="Confirmed on fresh seeds" data={data} kind="confirmations" onTrial={onTrial} />
          )}
          <PathFigure data={data} onTrial={onTrial} />
          {hasBest && <ImportanceFigures data={data} onTrial={onTrial} />}
          {hasBest && !data.pareto && <RankFigure data={data} onTrial={onTrial} />}
          {hasBest && <ModelFigures data={data} onTrial={onTrial} />}
        </>
      )}
    </div>
  );
}

interface BFunctionFigureProps {
  readonly layer: BFunctionData;
  readonly onTrial?: (number: number) => void;
}

function BFunctionFigure({ layer, ...props }: BFunctionFigureProps): React.JSX.Element {
  return <Figure title={`b-functions of ${layer.layer}`} data={layer} kind="b-functions" {...props} />;
}
