import type { JobStatus } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import { useMemo } from 'react';
import { stringify } from 'yaml';
import { CopyBlock } from '../parts/copy-block.tsx';
import { Facts } from '../parts/facts.tsx';
import { formatTime } from '../parts/format.ts';

/** How the job was posted, and where and when it ran. */
export function SettingsTab({
  status,
  spec,
}: {
  readonly status: JobStatus;
  readonly spec: JobSpec;
}): React.JSX.Element {
  const { id, labels, createdAt, startedAt, finishedAt, runtime, seq } = status;
  const text = useMemo(() => stringify(spec), [spec]);
  const tags = Object.entries(labels).map(([key, value]) => (value ? `${key}: ${value}` : key));
  return (
    <>
      <Facts
        facts={[
          ['Id', <code key="id">{id}</code>],
          ['Labels', tags.join(', ') || 'none'],
          ['Created', formatTime(createdAt)],
          ['Started', startedAt ? formatTime(startedAt) : 'not yet'],
          ['Finished', finishedAt ? formatTime(finishedAt) : 'not yet'],
          ['Runtime', runtime ?? 'chosen when the first trial starts'],
          ['Changes', String(seq)],
        ]}
      />
      <CopyBlock title="Job file, with every default filled in" text={text} />
    </>
  );
}
