import { Button } from '@mantine/core';
import type { Schema } from '../job-json-schema.ts';
import type { Path } from './edit-value.ts';
import { useJobForm } from './form-context.ts';
import { createValue } from './schema-options.ts';

interface ListFieldProps {
  readonly schema: Schema;
  readonly path: Path;
  readonly value: unknown;
}

/** A list whose items have fields. */
export function ListField({ schema, path, value }: ListFieldProps): React.JSX.Element {
  const { set, renderField } = useJobForm();
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const itemSchema = schema.items ?? {};
  const place = path.join('.');
  return (
    <div className="fields">
      {items.map((item, i) => (
        // Items have no identity but their place.
        <div key={`${i} of ${items.length}`} className="entry">
          {renderField({
            name: `${i + 1}`,
            schema: itemSchema,
            path: [...path, i],
            value: item,
            isRequired: true,
            isOpen: true,
          })}
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Remove ${place}.${i}`}
            onClick={() => set([...path, i], undefined)}
          >
            Remove
          </Button>
        </div>
      ))}
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Add to ${place}`}
        onClick={() => set([...path, items.length], createValue(itemSchema))}
      >
        Add
      </Button>
    </div>
  );
}
