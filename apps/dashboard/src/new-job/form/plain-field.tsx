import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { MarkedText } from '../../parts/marked-text.tsx';
import { describeType } from '../job-json-schema.ts';
import { findMessage, useJobForm, type FieldProps } from './form-context.ts';
import { formatPlain, parsePlain } from './plain-values.ts';

/** An input for a plain value or a list of plain values. An empty one takes the default. */
export function PlainField({ name, schema, path, value, isRequired }: FieldProps): React.JSX.Element {
  const { findings, set } = useJobForm();
  // What was typed is shown as long as it stands for the value: `1.` is 1, too.
  const [typed, setTyped] = useState<string | null>(null);
  const error = findMessage(findings, path);
  const named = listNamedValues(schema);
  const common = {
    label: name,
    required: isRequired,
    withAsterisk: isRequired,
    description: <MarkedText text={describeField(schema, named !== null)} />,
    error,
    inputWrapperOrder: ['label', 'input', 'error', 'description'] as ('label' | 'input' | 'error' | 'description')[],
    'data-path': path.join('.'),
  };
  if (named) {
    const usual = schema.default === undefined ? 'not set' : `default: ${formatPlain(schema.default, schema)}`;
    const texts = named.map((one) => String(one));
    const shown = formatPlain(value, schema);
    const known = texts.includes(shown) || shown === '' ? texts : [shown, ...texts];
    return (
      <NativeSelect
        {...common}
        data={[{ value: '', label: isRequired ? 'choose…' : usual }, ...known]}
        value={shown}
        onChange={({ currentTarget }) => set(path, named[texts.indexOf(currentTarget.value)])}
      />
    );
  }
  const isKept = typed !== null && JSON.stringify(parsePlain(typed, schema)) === JSON.stringify(value);
  const shown = isKept ? typed : formatPlain(value, schema);
  // An input of one line would drop the ends of lines.
  const Input = shown.includes('\n') ? Textarea : TextInput;
  return (
    <Input
      {...common}
      placeholder={schema.default === undefined ? '' : formatPlain(schema.default, schema)}
      value={shown}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        set(path, parsePlain(currentTarget.value, schema));
      }}
    />
  );
}

/** What the field is for, and what it takes if the field itself does not show that. */
function describeField(schema: FieldProps['schema'], isChoice: boolean): string {
  if (schema.description && (isChoice || schema.type === 'string')) return schema.description;
  const isList = schema.type === 'array';
  const type = isList
    ? 'values with commas between them, in quotes where YAML needs them'
    : describeType({ ...schema, enum: undefined });
  return [schema.description, type && `${type[0]!.toUpperCase()}${type.slice(1)}`].filter(Boolean).join('. ');
}

function listNamedValues({ type, enum: values, const: only }: FieldProps['schema']): readonly unknown[] | null {
  if (type === 'boolean') return [true, false];
  if (only !== undefined) return [only];
  return values ?? null;
}
