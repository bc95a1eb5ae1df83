import type { ReportData } from '@gradsmith/charts';
import { JobFigures } from '../figures/job-figures.tsx';

interface FiguresTabProps {
  readonly data: ReportData | null;
}

export function FiguresTab({ data }: FiguresTabProps): React.JSX.Element {
  if (!data) return <p className="soft">Reading the trials…</p>;
  return <JobFigures data={data} />;
}
