import type { JobResource, JobStatus } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import { useMemo } from 'react';
import { stringify } from 'yaml';
import { CopyBlock } from '../parts/copy-block.tsx';
import { Facts } from '../parts/facts.tsx';
import { formatTime } from '../parts/format.ts';
import { formatLabels } from '../parts/labels.ts';
import { EditForm } from './edit-form.tsx';

interface SettingsTabProps {
  readonly status: JobStatus;
  readonly spec: JobSpec;
  readonly notes: JobResource['notes'];
}

/** How the job was posted, and where and when it ran. */
export function SettingsTab({ status, spec, notes }: SettingsTabProps): React.JSX.Element {
  const { id, labels, createdAt, startedAt, finishedAt, runtime, seq } = status;
  const text = useMemo(() => stringify(spec), [spec]);
  const isExternal = spec.objective.kind === 'external';
  const tags = formatLabels(labels).split('\n');
  return (
    <>
      <Facts
        facts={[
          ['Id', <code key="id">{id}</code>],
          ['Labels', tags.join(', ') || 'none'],
          ['Created', formatTime(createdAt)],
          ['Started', startedAt ? formatTime(startedAt) : 'not yet'],
          ['Finished', finishedAt ? formatTime(finishedAt) : 'not yet'],
          [
            'Runtime',
            isExternal ? 'none: your programs run the trials' : (runtime ?? 'chosen when the first trial starts'),
          ],
          ['Changes', String(seq)],
        ]}
      />
      <EditForm key={id} status={status} notes={notes} />
      <CopyBlock title="Job file, with every default filled in" text={text} />
    </>
  );
}
