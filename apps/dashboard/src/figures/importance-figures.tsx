import type { ReportData } from '@gradsmith/charts';
import { useMemo } from 'react';
import { Figure } from './figure.tsx';
import { useImportance } from './use-fits.ts';

interface ImportanceFiguresProps {
  readonly data: ReportData;
  readonly onTrial: (number: number) => void;
}

/** How much each parameter matters, and the trials along the parameters, the most important first. */
export function ImportanceFigures({ data, onTrial }: ImportanceFiguresProps): React.JSX.Element {
  const importance = useImportance({ ...data, hasBest: true });
  const ranked = useMemo(() => ({ ...data, importance: importance ?? [] }), [data, importance]);
  return (
    <>
      {importance && importance.length > 0 && (
        <Figure title="Importance of the parameters" data={importance} kind="importance" />
      )}
      {importance && <Figure title="Parallel coordinates" data={ranked} kind="parallel" onTrial={onTrial} />}
    </>
  );
}
