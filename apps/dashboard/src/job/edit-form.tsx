import type { JobResource, JobStatus } from '@gradsmith/contract';
import { describeNameProblem } from '@gradsmith/core/domain';
import { Button, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useAction } from '../app/action-errors.tsx';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { changeLabels, describeLabelFault, formatLabels } from '../parts/labels.ts';

interface EditFormProps {
  readonly status: JobStatus;
  readonly notes: JobResource['notes'];
}

/** What the service would refuse, by field. */
interface Faults {
  readonly name: string | null;
  readonly labels: string | null;
}
const NO_FAULTS: Faults = { name: null, labels: null };

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
  const [faults, setFaults] = useState<Faults>(NO_FAULTS);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setSaved(false);
    const found = { name: describeNameProblem(name), labels: describeLabelFault(changeLabels({}, labels)) };
    setFaults(found);
    if (found.name ?? found.labels) return;
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
      <TextInput
        label="Name"
        required
        error={faults.name}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Textarea
        label="Labels, one a line"
        description="key: value, or only a key. A key has lower-case letters, digits, dots, dashes and underscores."
        placeholder="team: vision"
        error={faults.labels}
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
