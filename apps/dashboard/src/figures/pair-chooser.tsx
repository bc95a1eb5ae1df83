import { Group, NativeSelect } from '@mantine/core';

/** Two parameters, of which a figure draws the first from left to right and the second upwards. */
export type Pair = { readonly x: string; readonly y: string };

interface PairChooserProps {
  /** Names of the parameters, at least two. */
  readonly names: readonly string[];
  readonly labels: Pair;
  readonly pair: Pair;
  readonly onChange: (pair: Pair) => void;
}

/** Chooses the two parameters of a figure. Each list leaves out the parameter of the other. */
export function PairChooser({ names, labels, pair, onChange }: PairChooserProps): React.JSX.Element {
  const listOthers = (other: string): string[] => names.filter((name) => name !== other);
  return (
    <Group gap="sm">
      <NativeSelect
        size="xs"
        label={labels.x}
        value={pair.x}
        data={listOthers(pair.y)}
        onChange={({ currentTarget }) => onChange({ ...pair, x: currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        label={labels.y}
        value={pair.y}
        data={listOthers(pair.x)}
        onChange={({ currentTarget }) => onChange({ ...pair, y: currentTarget.value })}
      />
    </Group>
  );
}
