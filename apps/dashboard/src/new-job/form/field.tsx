import { NativeSelect } from '@mantine/core';
import type { Schema } from '../job-json-schema.ts';
import { canHold, type Path } from './edit-value.ts';
import { useJobForm, type FieldProps } from './form-context.ts';
import { ListField } from './list-field.tsx';
import { MapField } from './map-field.tsx';
import { PlainField } from './plain-field.tsx';
import { createValue, findOption, isPlain, isRecord, listOptions, type Option } from './schema-options.ts';
import { Section } from './section.tsx';

/** One field of a job, with all that is within it. */
export function Field(props: FieldProps): React.JSX.Element {
  const { name, schema, path, value, isOpen = false } = props;
  const options = listOptions(schema);
  if (options.length === 1 && isPlain(options[0]!.schema)) {
    const plain = { ...options[0]!.schema, description: schema.description, default: schema.default };
    return <PlainField {...props} schema={plain} />;
  }
  return (
    <Section name={name} schema={schema} path={path} isOpen={isOpen || props.isRequired}>
      {options.length > 1 && <Choice {...props} options={options} />}
      {options.length === 1 && <Inner schema={options[0]!.schema} path={path} value={value} />}
    </Section>
  );
}

interface InnerProps {
  readonly schema: Schema;
  readonly path: Path;
  readonly value: unknown;
}

/** The fields of a map or the items of a list. */
function Inner({ schema, path, value }: InnerProps): React.JSX.Element {
  const part = schema.type === 'array' ? 0 : '';
  // An edit of a field must not replace what the text has there.
  if (!canHold(value, [part])) return <p className="soft">The text has something else here. Correct it in the text.</p>;
  if (schema.type === 'array') return <ListField schema={schema} path={path} value={value} />;
  if (!schema.properties && typeof schema.additionalProperties === 'object')
    return <MapField schema={schema.additionalProperties} path={path} value={value} />;
  const values = isRecord(value) ? value : {};
  return (
    <div className="fields">
      {Object.entries(schema.properties ?? {})
        // The choice above sets what tells alternatives apart.
        .filter(([, field]) => field.const === undefined)
        .map(([name, field]) => (
          <Field
            key={name}
            name={name}
            schema={field}
            path={[...path, name]}
            value={values[name]}
            isRequired={schema.required?.includes(name) ?? false}
          />
        ))}
    </div>
  );
}

interface ChoiceProps extends FieldProps {
  readonly options: readonly Option[];
}

/** A field with alternatives: one is chosen, and its fields follow. */
function Choice({ name, schema, path, value, isRequired, options }: ChoiceProps): React.JSX.Element {
  const { set } = useJobForm();
  const chosen = findOption(options, value);
  const none = { value: '', label: isRequired ? 'choose…' : 'not set' };
  const choose = (label: string): void => {
    const next = options.find((option) => option.label === label);
    set(path, next && createValue(next.schema, value));
  };
  return (
    <div className="fields">
      <NativeSelect
        aria-label={`${path.join('.')}: kind`}
        description={chosen?.schema.description}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={[none, ...options.map(({ label }) => ({ value: label, label }))]}
        value={chosen?.label ?? ''}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      />
      {chosen && isPlain(chosen.schema) && (
        <PlainField
          key={chosen.label}
          name={name}
          schema={{ ...chosen.schema, default: schema.default }}
          path={path}
          value={value}
          isRequired={isRequired}
        />
      )}
      {chosen && !isPlain(chosen.schema) && (
        <Inner key={chosen.label} schema={chosen.schema} path={path} value={value} />
      )}
    </div>
  );
}
