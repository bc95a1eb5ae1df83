import { renderLatexTable, type ReportData } from '@gradsmith/charts';
import { Button, Group } from '@mantine/core';
import { JobFigures } from '../figures/job-figures.tsx';
import { saveFile } from '../parts/save-file.ts';

interface FiguresTabProps {
  readonly data: ReportData | null;
}

export function FiguresTab({ data }: FiguresTabProps): React.JSX.Element {
  if (!data) return <p className="soft">Reading the trials…</p>;
  const hasBest = data.trials.some(({ state, value }) => state === 'complete' && value !== null);
  return (
    <>
      {hasBest && (
        <Group justify="flex-end">
          <Button size="compact-xs" variant="default" onClick={() => saveTable(data)}>
            Save best trials as LaTeX
          </Button>
        </Group>
      )}
      <JobFigures data={data} />
    </>
  );
}

function saveTable(data: ReportData): void {
  saveFile(new Blob([renderLatexTable(data)], { type: 'application/x-tex' }), 'best-trials.tex');
}
