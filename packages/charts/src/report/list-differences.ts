import type { JobSpec } from '@gradsmith/core/spec';

/** A setting, and its value in each job; `–` where a job does not have it. */
export interface Difference {
  readonly path: string;
  readonly values: readonly string[];
}

/** Lists the settings in which jobs differ. Their names are shown elsewhere. */
export function listDifferences(specs: readonly JobSpec[]): Difference[] {
  const settings = specs.map((spec) => new Map(listSettings(spec, '')));
  const paths = [...new Set(settings.flatMap((one) => [...one.keys()]))].filter((path) => path !== 'name');
  return paths
    .map((path) => ({ path, values: settings.map((one) => one.get(path) ?? '–') }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Returns every value of a tree with its place: `search.trials`, `objective.backward[0].layer`. */
function listSettings(value: unknown, path: string): [string, string][] {
  if (Array.isArray(value)) {
    // A list of plain values is one setting.
    if (value.every((item) => typeof item !== 'object')) return [[path, value.join(', ')]];
    return value.flatMap((item, i) => listSettings(item, `${path}[${i}]`));
  }
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => listSettings(inner, path ? `${path}.${key}` : key));
}
