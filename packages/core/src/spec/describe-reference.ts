import { listLayers } from '../objective/backward.ts';
import { isEstimated } from '../objective/derivatives/catalogue.ts';
import { getReplaceableFunction } from '../objective/networks/layers.ts';
import { planTraining } from '../objective/schema.ts';
import type { TrainingJob } from './job-spec.ts';
import { buildSearchSpace } from './search-space.ts';

/** How texts and figures call the reference. */
export interface ReferenceNames {
  /** What it trains, for sentences. */
  readonly name: string;
  /** The short form, for the lines and axes of figures. */
  readonly label: string;
}

/**
 * Returns what the trials of a job are compared with. The reference leaves out the backward replacements and keeps the
 * searched settings as the job file has them. In a job without replacements, trials are plain backpropagation, too, so
 * the reference is not called by this name there. Activations with steps and binary weights have no useful derivative:
 * their reference is the straight-through estimator.
 */
export function describeReference(spec: TrainingJob): ReferenceNames {
  if (!spec.objective.backward.length) return { name: "the job's own settings", label: "the job's own settings" };
  const places = Object.values(buildSearchSpace(spec).bindings);
  const searchesSettings = places.some((at) => !at.startsWith('/backward/'));
  const plain = usesEstimators(spec) ? 'the straight-through estimator' : 'plain backpropagation';
  const name = searchesSettings ? `${plain} with the job's own settings` : plain;
  return { name, label: usesEstimators(spec) ? 'straight-through' : 'backpropagation' };
}

/** Returns whether every b-function of the job replaces a straight-through estimator. */
function usesEstimators({ objective }: TrainingJob): boolean {
  const { layers } = planTraining(objective);
  return objective.backward.flatMap(listLayers).every((layer) => {
    const replaced = layers.find(({ name }) => name === layer);
    const name = replaced && getReplaceableFunction(replaced);
    return name !== undefined && isEstimated(name);
  });
}
