import {
  describeCurves,
  joinLayers,
  nameTrial,
  sampleLayers,
  type BFunctionData,
  type CurvesData,
} from '@gradsmith/charts';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { rankRows, type TrialRow } from '../data/trial-rows.ts';
import { Figure } from '../figures/figure.tsx';
import { formatMetricName } from '../parts/format.ts';
import { listComparable, type ComparedJob } from './compared-job.ts';

interface CompareFiguresProps {
  readonly jobs: readonly ComparedJob[];
}

/** What the best trials of several jobs have in common: their values, their b-functions and their curves. */
export function CompareFigures({ jobs }: CompareFiguresProps): React.JSX.Element {
  // With several objectives, no trial is the best.
  const best = jobs.map(({ rows, status }) => (status.pareto ? undefined : rankRows(rows, status.direction, 1)[0]));
  const layers = useMemo(() => joinLayers(listLayers(jobs, best)), [jobs.map(({ name }) => name).join(), ...best]);
  return (
    <>
      <Distributions jobs={jobs} />
      {layers.map((layer) => (
        <Figure
          key={`${layer.layer} ${layer.activation}`}
          title={`Best b-functions of ${layer.layer}`}
          data={{ ...layer, count: layer.found.length }}
          kind="b-functions"
        />
      ))}
      <BestCurves jobs={jobs} best={best} />
    </>
  );
}

function Distributions({ jobs }: CompareFiguresProps): React.JSX.Element | null {
  const same = listComparable(jobs);
  const data = useMemo(() => {
    const { metric, direction } = same[0]!.status;
    return {
      metric: { name: formatMetricName(metric), direction },
      searches: same.map(({ name, rows }) => ({ name, trials: rows.filter((row) => row !== undefined) })),
    };
  }, [same.map(({ name }) => name).join(), ...same.map(({ rows }) => rows)]);
  if (!data.searches.some(({ trials }) => trials.some(({ state }) => state === 'complete'))) return null;
  return <Figure title="Distribution of the values" data={data} kind="edf" />;
}

function listLayers(
  jobs: readonly ComparedJob[],
  best: readonly (TrialRow | undefined)[],
): { name: string; layers: BFunctionData[] }[] {
  return jobs.map(({ spec, name }, i) => ({ name, layers: best[i] ? sampleLayers(spec, [best[i]]) : [] }));
}

interface BestCurvesProps extends CompareFiguresProps {
  readonly best: readonly (TrialRow | undefined)[];
}

/** The curve of the best trial of each job whose curves mean the same. */
function BestCurves({ jobs, best }: BestCurvesProps): React.JSX.Element | null {
  const api = useApi();
  const meanings = jobs.map(({ spec }) => describeCurves(spec));
  const compared = jobs.flatMap((job, i) => {
    const isSame = meanings[i]!.quantity === meanings[0]!.quantity && meanings[i]!.cap === meanings[0]!.cap;
    return best[i] && isSame ? [{ id: job.status.id, number: best[i].number, name: job.name }] : [];
  });
  const results = useQueries({
    queries: compared.map(({ id, number }) => ({
      queryKey: keys.curves(id, String(number)),
      queryFn: ({ signal }: { signal: AbortSignal }) => api.curves(id, [String(number)], signal),
      staleTime: Infinity,
    })),
  });
  const curves = results.map(({ data }) => data?.[0]);
  const data = useMemo((): CurvesData => {
    const trials = compared.flatMap(({ name, number }, i) => {
      const curve = curves[i];
      return curve ? [{ name: `${name}, ${nameTrial(number, undefined)}`, ...curve }] : [];
    });
    return { meaning: { ...meanings[0]!, isArea: false }, trials, reference: null };
  }, [compared.map(({ id, number, name }) => `${id} ${number} ${name}`).join(), ...curves]);
  if (!data.trials.length) return null;
  const title = data.meaning.cap === null ? 'Reported values of the best trials' : 'Loss of the best trials';
  return <Figure title={title} data={data} kind="curves" />;
}
