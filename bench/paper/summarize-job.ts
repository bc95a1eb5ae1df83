import { cpus } from 'node:os';
import type { JobDocument } from '@gradsmith/core/jobs';
import type { JobSpec } from '@gradsmith/core/spec';

/** A trial in the committed data. Numbers have six digits. */
export interface TrialSummary {
  id: string;
  role: 'search' | 'reference' | 'baseline' | 'confirm';
  baseline?: string;
  /** For confirm trials: the repeated trial's number; null: the reference or, with `baseline`, that baseline. */
  confirms?: number | null;
  seedIndex?: number;
  seed: number;
  point: Readonly<Record<string, string | number | boolean>>;
  /** Null without a result, and for a pruned trial, which has only a bound. */
  value: number | null;
  metrics: Readonly<Record<string, number>>;
}

/** A finished job as it is committed: enough to compute every table again. */
export interface JobSummary {
  name: string;
  startedAt: string;
  finishedAt: string;
  machine: string;
  runtime: string | null;
  versions: Readonly<Record<string, string>>;
  spec: JobSpec;
  trials: TrialSummary[];
}

const KEPT = /^(aulc|finalLoss|validationAccuracy|validationLoss|(cosine|beta)\..*)$/;

/** Reduces a job to its seeds, points and values. */
export function summarizeJob({ spec, job, trials }: JobDocument): JobSummary {
  const source = trials.find(({ source }) => source.versions)?.source.versions ?? {};
  const provenance = trials.find(({ result }) => result)?.result?.provenance ?? {};
  return {
    name: spec.name,
    startedAt: new Date(job.startedAt ?? job.createdAt).toISOString(),
    finishedAt: new Date(job.finishedAt ?? job.createdAt).toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`,
    runtime: job.runtime,
    versions: { ...source, engine: String(provenance['engine'] ?? ''), node: process.versions.node },
    spec,
    trials: trials.map((trial): TrialSummary => ({
      id: trial.id,
      role: trial.role,
      ...(trial.baseline === undefined ? {} : { baseline: trial.baseline }),
      ...(trial.confirms === null ? {} : { confirms: trial.confirms.number, seedIndex: trial.confirms.seedIndex }),
      seed: trial.seed,
      point: mapNumbers(trial.point),
      value: trial.result && trial.result.outcome !== 'pruned' ? round(trial.result.value) : null,
      metrics: mapNumbers(
        Object.fromEntries(Object.entries(trial.result?.metrics ?? {}).filter(([name]) => KEPT.test(name))),
      ),
    })),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}

function mapNumbers<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? (round(value) as T) : value]),
  );
}
