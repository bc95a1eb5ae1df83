import type { ReportData } from '@gradsmith/charts';
import { useMemo, useState } from 'react';
import { Figure } from './figure.tsx';
import { type Pair, PairChooser } from './pair-chooser.tsx';
import { useModel } from './use-fits.ts';

interface ModelFigureProps {
  readonly data: ReportData;
  readonly onTrial: (number: number) => void;
}

/** The value by each parameter and over two of them, with what the fitted model expects. */
export function ModelFigures({ data, onTrial }: ModelFigureProps): React.JSX.Element {
  const [pair, setPair] = useState<Pair | null>(null);
  const usual = useModel({ ...data, hasBest: true }, null);
  const chosen = useModel({ ...data, hasBest: true }, pair);
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
