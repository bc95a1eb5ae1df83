import { listRankParameters, type ReportData } from '@gradsmith/charts';
import { Group, NativeSelect } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Figure } from './figure.tsx';

interface RankFigureProps {
  readonly data: ReportData;
  readonly onTrial: (number: number) => void;
}

/** Complete trials over two parameters, which the reader chooses, by the rank of their value. */
export function RankFigure({ data, onTrial }: RankFigureProps): React.JSX.Element | null {
  const [pair, setPair] = useState<readonly [string, string] | null>(null);
  const shown = useMemo(() => ({ ...data, pair }), [data, pair]);
  const names = listRankParameters(data.parameters).map(({ name }) => name);
  if (names.length < 2) return null;
  const [x, y] = pair ?? [names[0]!, names[1]!];
  const listOthers = (other: string): string[] => names.filter((name) => name !== other);
  return (
    <div>
      <Figure title="Rank over two parameters" data={shown} kind="rank" onTrial={onTrial} />
      {names.length > 2 && (
        <Group gap="sm">
          <NativeSelect
            size="xs"
            label="Rank across"
            value={x}
            data={listOthers(y)}
            onChange={({ currentTarget }) => setPair([currentTarget.value, y])}
          />
          <NativeSelect
            size="xs"
            label="Rank up"
            value={y}
            data={listOthers(x)}
            onChange={({ currentTarget }) => setPair([x, currentTarget.value])}
          />
        </Group>
      )}
    </div>
  );
}
