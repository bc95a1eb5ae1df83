import type { JobResource, JobStatus } from '@gradsmith/contract';
import { Button, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useAction } from '../app/action-errors.tsx';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { changeLabels, formatLabels } from './labels.ts';

interface EditFormProps {
  readonly status: JobStatus;
  readonly notes: JobResource['notes'];
}

/** Changes what a job is called and what people know about it. Its trials stay as they are. */
export function EditForm({ status, notes }: EditFormProps): React.JSX.Element {
  const { id } = status;
  const api = useApi();
  const client = useQueryClient();
  const { run, isBusy } = useAction();
  const [name, setName] = useState(status.name);
  const [labels, setLabels] = useState(formatLabels(status.labels));
  const [text, setText] = useState(notes ?? '');
  const [isSaved, setSaved] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setSaved(false);
    void run(async () => {
      await api.edit(id, {
        name,
        // Only if they were edited: a value may have a line break.
        labels: labels === formatLabels(status.labels) ? undefined : changeLabels(status.labels, labels),
        notes: text.trim() ? text : null,
      });
      await client.invalidateQueries({ queryKey: keys.job(id) });
      setSaved(true);
    });
  };
  return (
    <form className="edit" onSubmit={submit}>
      <TextInput label="Name" required value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} />
      <Textarea
        label="Labels, one a line"
        placeholder="team: vision"
        rows={Math.max(2, Object.keys(status.labels).length + 1)}
        value={labels}
        onChange={({ currentTarget }) => setLabels(currentTarget.value)}
      />
      <Textarea
        label="Notes, in Markdown"
        rows={6}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <div className="bar">
        <Button type="submit" variant="default" disabled={isBusy}>
          Save
        </Button>
        <span className="soft" role="status">
          {isSaved && 'saved'}
        </span>
      </div>
    </form>
  );
}
