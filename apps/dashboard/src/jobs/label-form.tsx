import { Button, TextInput } from '@mantine/core';
import { useId, useState, type SubmitEvent } from 'react';
import { describeLabelFault, parseLabelChange } from '../parts/labels.ts';

interface LabelFormProps {
  readonly isBusy: boolean;
  readonly onLabel: (labels: Readonly<Record<string, string | null>>) => void;
}

/** Sets a label of the selected jobs, or removes one with a minus in front. */
export function LabelForm({ isBusy, onLabel }: LabelFormProps): React.JSX.Element {
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const hint = useId();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const labels = parseLabelChange(text);
    const found = describeLabelFault(labels);
    setFault(found);
    if (found === null) onLabel(labels);
  };
  return (
    <form className="inline" onSubmit={submit}>
      <TextInput
        aria-label="Label to set"
        aria-describedby={hint}
        placeholder="key: value"
        size="xs"
        w={150}
        required
        error={fault !== null}
        value={text}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          setFault(null);
        }}
      />
      <Button size="xs" variant="default" type="submit" disabled={isBusy}>
        Label
      </Button>
      <span id={hint} className={fault === null ? 'soft' : 'late'} role="status">
        {fault ?? 'key: value, or key; -key removes it'}
      </span>
    </form>
  );
}
