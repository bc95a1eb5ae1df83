import type { BFunctionData } from './data.ts';

/** The b-functions of a job whose best trial is compared with those of others. */
interface NamedLayers {
  readonly name: string;
  /** By layer; of several b-functions, the first is that of the best trial. */
  readonly layers: readonly BFunctionData[];
}

/** Joins the best b-function of each job, by layer and by the activation whose derivative it replaces. */
export function joinLayers(jobs: readonly NamedLayers[]): BFunctionData[] {
  const layers = jobs.flatMap(({ name, layers: own }) =>
    own.map((layer) => ({ ...layer, found: layer.found.slice(0, 1).map((found) => ({ ...found, name })) })),
  );
  return [...Map.groupBy(layers, ({ layer, activation }) => `${layer} ${activation}`).values()].map((group) => ({
    ...group[0]!,
    found: group.flatMap(({ found }) => found),
  }));
}
