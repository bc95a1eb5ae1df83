import type { Finding } from '@gradsmith/contract/job-text';
import { createContext, useContext, type ReactNode } from 'react';
import type { Schema } from '../job-json-schema.ts';
import type { Path } from './edit-value.ts';

export interface FieldProps {
  readonly name: string;
  readonly schema: Schema;
  readonly path: Path;
  readonly value: unknown;
  readonly isRequired: boolean;
  readonly isOpen?: boolean;
}

/** What every field of the form needs. */
export interface JobFormActions {
  readonly findings: readonly Finding[];
  readonly set: (path: Path, value: unknown) => void;
  /** Shows a field within a map or a list. */
  readonly renderField: (props: FieldProps) => ReactNode;
  readonly rename: (path: Path, name: string) => void;
}

export const JobFormContext = createContext<JobFormActions | null>(null);

export function useJobForm(): JobFormActions {
  return useContext(JobFormContext)!;
}

/** Returns the message for a place, as an input shows it; null without one. */
export function findMessage(findings: readonly Finding[], path: Path): string | null {
  const found = findings.filter((finding) => isAt(finding, path) && finding.path.length === path.length);
  return found.map(({ message }) => message).join('; ') || null;
}

export function countFindings(findings: readonly Finding[], path: Path): number {
  return findings.filter((finding) => isAt(finding, path)).length;
}

function isAt(finding: Finding, path: Path): boolean {
  return path.every((part, i) => String(finding.path[i]) === String(part));
}
