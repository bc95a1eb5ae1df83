import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useKeyVersion, useSession } from './context.ts';

/** Asks for the key that the service requires. */
export function KeyForm(): React.JSX.Element {
  const session = useSession();
  const version = useKeyVersion();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const isRefused = version > 0 || session.key !== null;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    session.setKey(text.trim());
    void client.resetQueries();
  };
  return (
    <form className="message key" onSubmit={submit}>
      <TextInput
        type="password"
        label={isRefused ? 'This key is not accepted. The service requires another one' : 'This service requires a key'}
        placeholder="gs_…"
        autoComplete="off"
        required
        withAsterisk={false}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Button type="submit">Use key</Button>
    </form>
  );
}
