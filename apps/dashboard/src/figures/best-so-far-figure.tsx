import { listBestSoFar, type CurvesData } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { useMemo } from 'react';
import type { TrialRow } from '../data/trial-rows.ts';
import { formatMetricName } from '../parts/format.ts';
import { Figure } from './figure.tsx';

interface NamedRows {
  readonly name: string;
  readonly status: JobStatus;
  readonly rows: readonly TrialRow[];
}

/** The best value of several jobs, trial by trial. Values of different metrics are not drawn on one axis. */
export function BestSoFarFigure({ jobs }: { readonly jobs: readonly NamedRows[] }): React.JSX.Element | null {
  // With several objectives, no value is the best.
  const single = jobs.filter(({ status }) => !status.pareto);
  if (!single.length) return null;
  return <SingleObjective jobs={single} isPart={single.length < jobs.length} />;
}

interface SingleObjectiveProps {
  /** At least one. */
  readonly jobs: readonly NamedRows[];
  /** Whether jobs with several objectives are left out. */
  readonly isPart: boolean;
}

function SingleObjective({ jobs, isPart }: SingleObjectiveProps): React.JSX.Element {
  const [first] = jobs;
  const same = jobs.filter(
    ({ status }) => status.metric === first!.status.metric && status.direction === first!.status.direction,
  );
  const metric = formatMetricName(first!.status.metric);
  const data = useMemo(
    (): CurvesData => ({
      meaning: { quantity: `best ${metric} so far`, cap: null, isArea: false, axis: 'trial', isStepped: true },
      trials: same.map(({ name, status, rows }) => ({
        name,
        steps: rows.map((_, number) => number),
        values: listBestSoFar(rows, status.direction),
      })),
      reference: null,
    }),
    [metric, ...same.flatMap(({ name, rows }) => [name, rows])],
  );
  return (
    <div>
      <Figure title={`Best ${metric} so far, by trial`} data={data} kind="curves" />
      {same.length < jobs.length && (
        <p className="soft">
          Jobs with another metric than {metric} are left out of the figure: their values are not comparable.
        </p>
      )}
      {isPart && <p className="soft">Jobs with several objectives are left out of the figure: no trial is the best.</p>}
    </div>
  );
}
