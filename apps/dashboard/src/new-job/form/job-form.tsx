import type { Finding } from '@gradsmith/contract/job-text';
import { useMemo } from 'react';
import { jobJsonSchema } from '../job-json-schema.ts';
import { renameYamlKey, setYamlValue } from './edit-yaml.ts';
import { Field } from './field.tsx';
import { JobFormContext, type JobFormActions } from './form-context.ts';
import { isRecord } from './schema-options.ts';

interface JobFormProps {
  readonly text: string;
  /** The job as far as it could be read last. */
  readonly job: unknown;
  /** Whether the text can be read now. Otherwise nothing can be edited here. */
  readonly isReadable: boolean;
  readonly findings: readonly Finding[];
  readonly onChange: (text: string) => void;
}

/** Parts of a job that are open at first. */
const OPEN = new Set(['objective', 'space', 'search']);

/** The job as a form, made from the schema of the service. It changes the text and keeps its comments. */
export function JobForm({ text, job, isReadable, findings, onChange }: JobFormProps): React.JSX.Element {
  const actions = useMemo<JobFormActions>(
    () => ({
      findings,
      renderField: (props) => <Field {...props} />,
      set: (path, value) => onChange(setYamlValue(text, path, value)),
      rename: (path, name) => onChange(renameYamlKey(text, path, name)),
    }),
    [findings, onChange, text],
  );
  const values = isRecord(job) ? job : {};
  return (
    <JobFormContext value={actions}>
      <fieldset className="job-form" disabled={!isReadable}>
        <legend className="hidden-text">The job as a form</legend>
        {!isReadable && <p className="notice">The text cannot be read. Correct it to go on with the form.</p>}
        {Object.entries(jobJsonSchema.properties ?? {}).map(([name, schema]) => (
          <Field
            key={name}
            name={name}
            schema={schema}
            path={[name]}
            value={values[name]}
            isRequired={jobJsonSchema.required?.includes(name) ?? false}
            isOpen={OPEN.has(name)}
          />
        ))}
      </fieldset>
    </JobFormContext>
  );
}
