import type { JobStatus } from '@gradsmith/contract';
import { Tabs } from '@mantine/core';
import { useNavigate, useParams } from 'react-router';
import type { TrialRow } from '../data/trial-rows.ts';
import { countTrials, useLiveJob, useSpec } from '../data/use-job.ts';
import { useReportData } from '../figures/use-report-data.ts';
import { describeError, isUnknown } from '../parts/describe-error.ts';
import { formatCount } from '../parts/format.ts';
import { NotFound } from '../parts/not-found.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Actions } from './actions.tsx';
import { FiguresTab } from './figures-tab.tsx';
import { Headline } from './headline.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { TrialsTab } from './trials-tab.tsx';

const tabs = ['overview', 'figures', 'trials', 'settings'] as const;

/** One job, kept up to date while it is active. */
export default function JobPage(): React.JSX.Element {
  const { id, tab } = useParams();
  return <OpenJob key={id} id={id!} tab={tabs.find((one) => one === tab) ?? 'overview'} />;
}

function OpenJob({ id, tab }: { readonly id: string; readonly tab: (typeof tabs)[number] }): React.JSX.Element {
  const navigate = useNavigate();
  const live = useLiveJob(id);
  const job = useSpec(id).data;
  const spec = job?.spec;
  const status = live.status.data;
  const { rows, seq } = live.rows.data ?? { rows: undefined, seq: null };
  // Figures of a part of the trials would only be drawn again.
  const data = useReportData(spec, status, seq === null ? undefined : rows);
  if (isUnknown(live.status.error)) return <NotFound what="job" detail={describeError(live.status.error)} />;
  if (!status || !job || !spec)
    return (
      <>
        <PageTitle title={id} place={id} />
        <p className="soft">Reading…</p>
      </>
    );
  return (
    <>
      <PageTitle title={status.name} place={id}>
        <StateBadge state={status.state} />
        <Actions status={status} spec={spec} />
      </PageTitle>
      <Headline status={status} spec={spec} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) => void navigate(`/jobs/${encodeURIComponent(id)}${next === 'overview' ? '' : `/${next}`}`)}
      >
        <Tabs.List>
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="figures">Figures</Tabs.Tab>
          <Tabs.Tab value="trials">Trials</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <OverviewTab
            status={status}
            spec={spec}
            notes={job.notes}
            data={data}
            progress={describeReading(rows ?? [], status)}
          />
        </Tabs.Panel>
        <Tabs.Panel value="figures">
          <FiguresTab status={status} data={data} progress={describeReading(rows ?? [], status)} />
        </Tabs.Panel>
        <Tabs.Panel value="trials">
          <TrialsTab status={status} spec={spec} rows={rows ?? []} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <SettingsTab status={status} spec={spec} notes={job.notes} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** Says how far the first read of the trials is. */
function describeReading(rows: readonly TrialRow[], status: JobStatus): string {
  if (!rows.length) return 'Reading the trials…';
  return `Reading the trials: ${formatCount(rows.length)} of ${formatCount(countTrials(status))}…`;
}
