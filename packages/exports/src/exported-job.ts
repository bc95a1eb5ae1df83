import type { Parameter, SpaceDefinition } from '@gradsmith/bayesopt';
import type { JobStatus, MeasuredJob, TrialResource } from '@gradsmith/contract';
import {
  buildSearchInputs,
  listBaselines,
  listParameterNames,
  measureExcess,
  readObjectives,
  type JobSpec,
} from '@gradsmith/core/spec';

/** What the formats need to know of a job, besides its trials. */
export interface ExportedJob extends MeasuredJob {
  id: string;
  name: string;
  /** One, or two or three of which the first ones of the job file come first. */
  objectives: readonly { metric: string; goal: 'minimize' | 'maximize' }[];
  /** Returns the values of all objectives; undefined if the trial has no result. */
  readObjectives(trial: Pick<TrialResource, 'value' | 'metrics'>): number[] | undefined;
  /** Time of creation, ms since 1970. */
  createdAt: number;
  /**
   * Measures how far a trial with a value exceeds each limit of a measured metric; at most 0 is allowed. Undefined if
   * the job limits nothing.
   */
  measureExcess(trial: Pick<TrialResource, 'value' | 'metrics'>): number[] | undefined;
  /** Every parameter in points of its trials: those of the search, then those of baselines. */
  parameters: ReadonlyMap<string, Parameter>;
}

/** Describes a job from its specification and its status. */
export function describeExportedJob(spec: JobSpec, status: JobStatus): ExportedJob {
  const spaces: SpaceDefinition[] = [null, ...listBaselines(spec)].map(
    (baseline) => buildSearchInputs(spec, baseline).space,
  );
  const parameters = listParameterNames(spec).map((name) => [name, findParameter(spaces, name)] as const);
  return {
    id: status.id,
    name: status.name,
    metric: status.metric,
    objectives: spec.objectives ?? [{ metric: status.metric, goal: status.direction }],
    readObjectives: ({ value, metrics }) => {
      if (value === null) return undefined;
      return spec.objectives ? readObjectives(spec, { value, metrics }) : [value];
    },
    createdAt: Date.parse(status.createdAt),
    isTraining: spec.objective.kind === 'training',
    measureExcess: ({ value, metrics }) => (value === null ? undefined : measureExcess(spec, { value, metrics })),
    parameters: new Map(parameters),
  };
}

function findParameter(spaces: readonly SpaceDefinition[], name: string): Parameter {
  const space = spaces.find((each) => Object.hasOwn(each, name));
  return space![name]!;
}
