import { Button, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';

interface LabelFormProps {
  readonly isBusy: boolean;
  readonly onLabel: (labels: Readonly<Record<string, string | null>>) => void;
}

/** Sets a label of the selected jobs, or removes one with a minus in front. */
export function LabelForm({ isBusy, onLabel }: LabelFormProps): React.JSX.Element {
  const [text, setText] = useState('');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onLabel(parseLabel(text.trim()));
  };
  return (
    <form className="inline" onSubmit={submit}>
      <TextInput
        aria-label="Label to set: key, or key: value; -key removes it"
        placeholder="key: value, or -key"
        size="xs"
        w={150}
        required
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Button size="xs" variant="default" type="submit" disabled={isBusy}>
        Label
      </Button>
    </form>
  );
}

/** Reads `team: vision`, `baseline` for a label without a value, or `-team` for one to remove. */
function parseLabel(text: string): Record<string, string | null> {
  if (text.startsWith('-')) return { [text.slice(1).trim()]: null };
  const colon = text.indexOf(':');
  if (colon < 0) return { [text]: '' };
  return { [text.slice(0, colon).trim()]: text.slice(colon + 1).trim() };
}
