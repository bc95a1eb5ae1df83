import type { JobSummary } from '@gradsmith/contract';
import { isActive } from '@gradsmith/core/domain';
import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useAction } from '../app/action-errors.tsx';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { describeError } from '../parts/describe-error.ts';
import { formatPlural } from '../parts/format.ts';
import { BulkOutcomes, type BulkReport, type Outcome } from './bulk-outcomes.tsx';
import { LabelForm } from './label-form.tsx';

interface Bulk {
  readonly name: string;
  /** Which of the selected jobs it applies to. */
  readonly applies: (job: JobSummary) => boolean;
  readonly run: (id: string) => Promise<unknown>;
  /** Asked before it runs; null for what can be undone. */
  readonly question: string | null;
}

/**
 * Buttons that act on the selected jobs. Each names how many of them it applies to. Before a job is selected, a hint
 * has their place, so that the rows below stay under the pointer.
 */
export function BulkActions({
  jobs,
  onDone,
}: {
  readonly jobs: readonly JobSummary[];
  readonly onDone: () => void;
}): React.JSX.Element {
  const api = useApi();
  const client = useQueryClient();
  const { run, isBusy } = useAction();
  const [asked, setAsked] = useState<Bulk | null>(null);
  const [report, setReport] = useState<BulkReport | null>(null);
  if (!jobs.length && report) return <BulkOutcomes report={report} onClose={() => setReport(null)} />;
  if (!jobs.length) return <p className="bulk hint">Select jobs to compare, label, pause, cancel or delete them.</p>;
  const actions: readonly Bulk[] = [
    { name: 'Pause', applies: ({ state }) => state === 'running', run: (id) => api.pause(id), question: null },
    { name: 'Resume', applies: ({ state }) => state === 'paused', run: (id) => api.resume(id), question: null },
    {
      name: 'Cancel',
      applies: ({ state }) => isActive(state),
      run: (id) => api.cancel(id),
      question: 'Running trials are stopped, and the jobs cannot be resumed.',
    },
    {
      name: 'Delete',
      applies: ({ state }) => !isActive(state),
      run: (id) => api.delete(id),
      question: 'All records of the jobs are deleted. This cannot be undone.',
    },
  ];
  const start = (bulk: Bulk): void =>
    void run(async () => {
      setReport(await runEach(jobs.filter(bulk.applies), bulk));
      onDone();
    }).finally(() => client.invalidateQueries({ queryKey: keys.jobs }));
  const target = asked && jobs.filter(asked.applies);
  return (
    <Group className="bulk" gap="xs" role="group" aria-label="Selected jobs">
      <span>{formatPlural(jobs.length, 'job')} selected</span>
      {actions.map((bulk) => {
        const count = jobs.filter(bulk.applies).length;
        return (
          <Button
            key={bulk.name}
            size="xs"
            variant="default"
            disabled={!count || isBusy}
            onClick={() => (bulk.question ? setAsked(bulk) : start(bulk))}
          >
            {count ? `${bulk.name} ${count}` : bulk.name}
          </Button>
        );
      })}
      <LabelForm
        isBusy={isBusy}
        onLabel={(labels) =>
          start({ name: 'Label', applies: () => true, run: (id) => api.edit(id, { labels }), question: null })
        }
      />
      <Button size="xs" variant="default" component={Link} to={`/compare?jobs=${jobs.map(({ id }) => id).join(',')}`}>
        Compare
      </Button>
      <ConfirmDialog
        title={`${asked?.name} ${formatPlural(target?.length ?? 0, 'job')}?`}
        action={asked?.name ?? ''}
        isOpen={asked !== null}
        onConfirm={() => start(asked!)}
        onClose={() => setAsked(null)}
      >
        <p>{asked?.question}</p>
        <p>{target?.map(({ name }) => name).join(', ')}</p>
      </ConfirmDialog>
    </Group>
  );
}

/** Acts on all jobs, also after a failure, and returns what happened to each. */
async function runEach(jobs: readonly JobSummary[], { name, run }: Bulk): Promise<BulkReport> {
  const outcomes: Outcome[] = [];
  for (const { id, name } of jobs) {
    try {
      await run(id);
      outcomes.push({ id, name, failure: null });
    } catch (error) {
      outcomes.push({ id, name, failure: describeError(error) });
    }
  }
  return { action: name, outcomes };
}
