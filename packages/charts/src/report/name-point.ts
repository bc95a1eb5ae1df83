import { buildSearchSpace, type JobSpec } from '@gradsmith/core/spec';
import { type ParameterData, type PointData, readValue } from './data.ts';

/** Lists the free and fixed parameters of the job's space, with their ranges. */
export function listParameters(spec: JobSpec): ParameterData[] {
  return Object.entries(buildSearchSpace(spec).space).map(([name, parameter]) => ({ name, ...parameter }));
}

/** Choices in the name of a point, at most; with more, only its number is short enough. */
const MOST = 2;

/** Returns what a point is known as: its searched choices, such as `gelu`. undefined without a short name. */
export function namePoint(parameters: readonly ParameterData[], point: PointData): string | undefined {
  const chosen = parameters.flatMap((parameter) => {
    if (parameter.type !== 'categorical' || parameter.choices.length < 2) return [];
    const value = readValue(point, parameter.name);
    return typeof value === 'string' ? [value] : [];
  });
  return chosen.length && chosen.length <= MOST ? chosen.join(', ') : undefined;
}

/** Returns the name of a trial in figures: `trial 7`, or `trial 7 (gelu)`. */
export function nameTrial(number: number, name: string | undefined): string {
  return name === undefined ? `trial ${number}` : `trial ${number} (${name})`;
}
