import { renderLatexTable, type ReportData } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { Button, Group } from '@mantine/core';
import { useDeferredValue } from 'react';
import { FilePrefix } from '../figures/file-prefix.ts';
import { JobFigures } from '../figures/job-figures.tsx';
import { useImportance, useModel } from '../figures/use-fits.ts';
import { useRender } from '../figures/use-render.ts';
import { saveFile } from '../parts/save-file.ts';

interface FiguresTabProps {
  readonly status: JobStatus;
  readonly data: ReportData | null;
  /** What is shown until there are data. */
  readonly progress: string;
}

export function FiguresTab({ status, data, progress }: FiguresTabProps): React.JSX.Element {
  useWhatFiguresNeed(status);
  // Figures are a separate task after the data of many trials were put together.
  const shown = useDeferredValue(data);
  if (!shown) return <p className="soft">{progress}</p>;
  const hasBest = shown.trials.some(({ state, value }) => state === 'complete' && value !== null);
  return (
    <>
      {hasBest && (
        <Group justify="flex-end">
          <SaveTable data={shown} />
        </Group>
      )}
      <FilePrefix value={shown.title}>
        <JobFigures data={shown} />
      </FilePrefix>
    </>
  );
}

/** Reads what figures need besides the trials, while those are read. */
function useWhatFiguresNeed({ id, state, counts }: JobStatus): void {
  const job = { jobId: id, state, hasBest: counts.complete > 0 };
  useRender();
  useImportance(job);
  useModel(job, null);
}

function SaveTable({ data }: { readonly data: ReportData }): React.JSX.Element {
  const importance = useImportance({ ...data, hasBest: true });
  const save = (): void => {
    const table = renderLatexTable({ ...data, importance: importance ?? [] });
    saveFile(new Blob([table], { type: 'application/x-tex' }), `${data.title}-best-trials.tex`);
  };
  return (
    <Button size="compact-xs" variant="default" onClick={save}>
      Save best trials as LaTeX
    </Button>
  );
}
