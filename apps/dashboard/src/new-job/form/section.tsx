import { useState, type ReactNode } from 'react';
import { formatPlural } from '../../parts/format.ts';
import { MarkedText } from '../../parts/marked-text.tsx';
import type { Schema } from '../job-json-schema.ts';
import type { Path } from './edit-value.ts';
import { countFindings, findMessage, useJobForm } from './form-context.ts';

interface SectionProps {
  readonly name: string;
  readonly schema: Schema;
  readonly path: Path;
  readonly isOpen: boolean;
  readonly children: ReactNode;
}

/** A part of the form that can be closed. It says how many faults are within it. */
export function Section({ name, schema, path, isOpen, children }: SectionProps): React.JSX.Element {
  const { findings } = useJobForm();
  const [isShown, setShown] = useState(isOpen);
  const count = countFindings(findings, path);
  const message = findMessage(findings, path);
  return (
    <details className="section" open={isShown} onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
      <summary>
        <strong>{name}</strong> {schema.description && <MarkedText text={schema.description} />}
        {count > 0 && <em className="fault"> {formatPlural(count, 'fault')}</em>}
      </summary>
      {message && <p className="fault">{message}</p>}
      {isShown && children}
    </details>
  );
}
