import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Schema } from '../job-json-schema.ts';
import type { Path } from './edit-value.ts';
import { useJobForm } from './form-context.ts';
import { createValue, isRecord } from './schema-options.ts';

interface MapFieldProps {
  /** Of each value. */
  readonly schema: Schema;
  readonly path: Path;
  readonly value: unknown;
}

/** A map with names that the user chooses, such as the parameters of a search space. */
export function MapField({ schema, path, value }: MapFieldProps): React.JSX.Element {
  const { set, renderField } = useJobForm();
  const entries = Object.entries(isRecord(value) ? value : {});
  const [name, setName] = useState('');
  const place = path.join('.');
  const isTaken = entries.some(([key]) => key === name.trim());
  const add = (): void => {
    if (!name.trim() || isTaken) return;
    set([...path, name.trim()], createValue(schema));
    setName('');
  };
  return (
    <div className="fields">
      {entries.map(([key, item], i) => (
        <div key={i} className="entry">
          {renderField({ name: key, schema, path: [...path, key], value: item, isRequired: true, isOpen: true })}
          <EntryButtons path={[...path, key]} name={key} />
        </div>
      ))}
      <div className="inline">
        <TextInput
          size="xs"
          aria-label={`Name to add to ${place}`}
          placeholder="name"
          error={isTaken && name !== '' ? 'this name exists' : null}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <Button size="xs" variant="default" aria-label={`Add to ${place}`} onClick={add}>
          Add
        </Button>
      </div>
    </div>
  );
}

/** Renames and removes an entry. A name is taken over when the field is left. */
function EntryButtons({ path, name }: { readonly path: Path; readonly name: string }): React.JSX.Element {
  const { set, rename } = useJobForm();
  const [typed, setTyped] = useState<string | null>(null);
  const place = path.join('.');
  const save = (): void => {
    const next = typed?.trim();
    setTyped(null);
    if (next && next !== name) rename(path, next);
  };
  return (
    <div className="inline">
      <TextInput
        size="xs"
        aria-label={`Name of ${place}`}
        value={typed ?? name}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          save();
        }}
      />
      <Button size="xs" variant="default" aria-label={`Remove ${place}`} onClick={() => set(path, undefined)}>
        Remove
      </Button>
    </div>
  );
}
