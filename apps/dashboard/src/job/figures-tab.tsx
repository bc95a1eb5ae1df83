import type { ReportData } from '@gradsmith/charts';
import { JobFigures } from '../figures/job-figures.tsx';
import type { Curves } from '../figures/report-data.ts';

interface FiguresTabProps {
  readonly data: ReportData | null;
  readonly curves: Curves;
}

export function FiguresTab({ data, curves }: FiguresTabProps): React.JSX.Element {
  if (!data) return <p className="soft">Reading the trials…</p>;
  return <JobFigures data={data} curves={curves} />;
}
