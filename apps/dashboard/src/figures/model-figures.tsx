import type { ReportData } from '@gradsmith/charts';
import type { JobModel } from '@gradsmith/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { describeError } from '../parts/describe-error.ts';
import { Figure } from './figure.tsx';
import { type Pair, PairChooser } from './pair-chooser.tsx';

/** The service fits a model for it, so it is read again only this often while trials settle, ms. */
const EVERY_MS = 30_000;

interface ModelFigureProps {
  readonly data: ReportData;
  /** Whether more trials can settle. */
  readonly isActive: boolean;
  readonly onTrial: (number: number) => void;
}

/** The value by each parameter and over two of them, with what the fitted model expects. */
export function ModelFigures({ data, isActive, onTrial }: ModelFigureProps): React.JSX.Element {
  const [pair, setPair] = useState<Pair | null>(null);
  const usual = useModel(data.jobId, isActive, null);
  const chosen = useModel(data.jobId, isActive, pair);
  // If the chosen pair is refused, what is known without it stays.
  const model = chosen.model ?? usual.model;
  const refused = chosen.model ? null : chosen.error;
  const shown = useMemo(() => ({ ...data, model }), [data, model]);
  const names = data.parameters.flatMap((one) => ('low' in one && one.low < one.high ? [one.name] : []));
  const grid = refused ? null : model?.grid;
  const drawn = pair ?? (grid && { x: grid.x.name, y: grid.y.name });
  return (
    <>
      <Figure title="Value by parameter" data={shown} kind="slices" onTrial={onTrial} />
      {drawn && (
        <div>
          {grid && (
            <Figure title="The fitted model over two parameters" data={shown} kind="contour" onTrial={onTrial} />
          )}
          {!grid && <h2>The fitted model over two parameters</h2>}
          {!grid && (
            <p className="message" role="status">
              The model is not drawn: {refused ?? `there is none of ${drawn.x} and ${drawn.y}`}.
            </p>
          )}
          {names.length > 2 && (
            <PairChooser names={names} labels={{ x: 'Across', y: 'Up' }} pair={drawn} onChange={setPair} />
          )}
        </div>
      )}
    </>
  );
}

interface ModelAnswer {
  readonly model: JobModel | null;
  /** Why there is none; null if nothing went wrong. */
  readonly error: string | null;
}

function useModel(job: string, isActive: boolean, pair: Pair | null): ModelAnswer {
  const api = useApi();
  const { data, error } = useQuery({
    queryKey: keys.model(job, isActive ? 'active' : 'finished', JSON.stringify(pair)),
    queryFn: ({ signal }) => api.model(job, pair, signal),
    refetchInterval: isActive ? EVERY_MS : false,
    staleTime: EVERY_MS,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
  });
  return { model: data ?? null, error: error && describeError(error).replace(/\.$/, '') };
}
