import { listRankParameters, type ReportData } from '@gradsmith/charts';
import { useMemo, useState } from 'react';
import { Figure } from './figure.tsx';
import { type Pair, PairChooser } from './pair-chooser.tsx';

interface RankFigureProps {
  readonly data: ReportData;
  readonly onTrial: (number: number) => void;
}

/** Complete trials over two parameters, which the reader chooses, by the rank of their value. */
export function RankFigure({ data, onTrial }: RankFigureProps): React.JSX.Element | null {
  const [chosen, setChosen] = useState<Pair | null>(null);
  const shown = useMemo(() => ({ ...data, pair: chosen && ([chosen.x, chosen.y] as const) }), [data, chosen]);
  const names = listRankParameters(data.parameters).map(({ name }) => name);
  if (names.length < 2) return null;
  const pair = chosen ?? { x: names[0]!, y: names[1]! };
  return (
    <div>
      <Figure title="Rank over two parameters" data={shown} kind="rank" onTrial={onTrial} />
      {names.length > 2 && (
        <PairChooser names={names} labels={{ x: 'Rank across', y: 'Rank up' }} pair={pair} onChange={setChosen} />
      )}
    </div>
  );
}
