import type { Problem } from '../domain/errors.ts';
import { type BackwardReplacement, type LayerReplacement, listLayers, listReplacements } from './backward.ts';
import { findDerivativeProblem } from './derivative-problems.ts';
import { getReplaceableFunction, hasWeights, type Layer } from './networks/layers.ts';
import { ShapeError, listSources } from './networks/shapes.ts';
import { usesRandomFeedback } from './program.ts';
import type { TrainingObjective } from './schema.ts';

type Path = (string | number)[];

/** Lists what is wrong with the backward replacements and the frozen layers. */
export function listBackwardProblems({ backward, frozen }: TrainingObjective, layers: readonly Layer[]): Problem[] {
  const inBackward = backward.flatMap((entry, i) =>
    listEntryProblems(entry, layers, { earlier: backward.slice(0, i), frozen }).map(({ path, message }) => ({
      path: ['backward', i, ...path],
      message,
    })),
  );
  const inFrozen = frozen.flatMap((name, i) =>
    listFrozenProblems(name, layers).map((message) => ({ path: ['frozen', i], message })),
  );
  return [...inBackward, ...inFrozen];
}

/** Refuses replacements that no error reaches: errors pass down to the lowest layer that learns, and no further. */
function listReachProblems(
  { transpose }: Pick<LayerReplacement, 'transpose'>,
  layer: Layer,
  layers: readonly Layer[],
  frozen: readonly string[],
): Problem[] {
  const refuse = (message: string): Problem[] => [{ path: ['layer'], message }];
  const lowest = layers.find((one) => hasWeights(one) && !frozen.includes(one.name));
  if (!lowest)
    return refuse(
      'every layer with weights is frozen: no error comes anywhere, so nothing can be replaced; leave ' +
        'one out of frozen',
    );
  if (hasWeights(layer) && !transpose && frozen.includes(layer.name))
    return refuse(`${layer.name} is frozen: no gradient reaches its weights, so nothing can be replaced; leave it out`);
  if (layer === lowest && transpose)
    return refuse(
      `${layer.name} is the first layer with weights that learns: no error passes it, so nothing can ` +
        `be replaced; take a later layer`,
    );
  if (layers.indexOf(layer) >= layers.indexOf(lowest)) {
    if (isReached(layer, layers, frozen) || (hasWeights(layer) && !transpose)) return [];
    return refuse(
      `no layer with weights that learns lies below ${layer.name}: no error comes there, so nothing can be replaced; ` +
        'take another layer',
    );
  }
  const remedy = layers.slice(0, layers.indexOf(lowest)).some(hasWeights)
    ? 'take a later layer, or leave an earlier one out of frozen'
    : 'take a later layer';
  return refuse(
    `${layer.name} lies before ${lowest.name}, the first layer with weights that learns: no error ` +
      `comes there, so nothing can be replaced; ${remedy}`,
  );
}

/** Returns whether a layer that learns lies below this one, on any path. */
function isReached(layer: Layer, layers: readonly Layer[], frozen: readonly string[]): boolean {
  let sources: number[][];
  try {
    sources = listSources(layers);
  } catch (error) {
    if (error instanceof ShapeError) return true;
    throw error;
  }
  // A layer that several others read is looked at once: with n additions there are up to 2ⁿ paths.
  const visited = new Set<number>();
  const learns = (index: number): boolean => {
    const below = layers[index];
    if (!below || visited.has(index)) return false;
    visited.add(index);
    return (hasWeights(below) && !frozen.includes(below.name)) || sources[index]!.some(learns);
  };
  return sources[layers.indexOf(layer)]!.some(learns);
}

function listFrozenProblems(name: string, layers: readonly Layer[]): string[] {
  const layer = layers.find((one) => one.name === name);
  if (!layer) return [`the network has no layer ${name}`];
  if (hasWeights(layer)) return [];
  return [`${name} is ${describeType(layer)} and has no weights to keep as they start; leave it out`];
}

/** Returns the type of a layer with its article. */
function describeType({ type }: Layer): string {
  return `${/^[ae]/.test(type) ? 'an' : 'a'} ${type} layer`;
}

function listReplacementProblems(
  entry: Omit<LayerReplacement, 'depth'>,
  layers: readonly Layer[],
  { earlier, frozen }: { earlier: readonly Pick<LayerReplacement, 'layer'>[]; frozen: readonly string[] },
): Problem[] {
  const layer = layers.find(({ name }) => name === entry.layer);
  const accepts = (one: Layer): boolean => {
    if (entry.program) return one.type === 'activation';
    return entry.transpose ? one.type === 'conv' || one.type === 'dense' : getReplaceableFunction(one) !== undefined;
  };
  const offered =
    layers
      .filter(accepts)
      .map(({ name }) => name)
      .join(', ') || 'none of that kind';
  if (!layer) return [{ path: ['layer'], message: `the network has no layer ${entry.layer}; it has ${offered}` }];
  const given = [entry.derivative, entry.transpose, entry.program].filter((one) => one !== undefined);
  if (given.length !== 1) {
    return [
      {
        path: [],
        message:
          'takes one of derivative, program (both for an activation layer) and transpose (for a convolution or dense ' +
          'layer)',
      },
    ];
  }
  const problems: Problem[] = [];
  if (!accepts(layer)) {
    const what = entry.transpose
      ? 'transpose belongs to a convolution or dense layer'
      : 'a b-function belongs to an activation layer or to binary weights';
    problems.push({ path: ['layer'], message: `${entry.layer} is ${describeType(layer)}, but ${what}: ${offered}` });
  } else problems.push(...listReachProblems(entry, layer, layers, frozen));
  if (earlier.some((other) => other.layer === entry.layer))
    problems.push({ path: ['layer'], message: `${entry.layer} is replaced twice` });
  if (entry.program) problems.push(...listProgramProblems(entry.program.formula, layer, layers));
  if (entry.mask && !entry.derivative) problems.push({ path: ['mask'], message: 'belongs to a derivative' });
  return problems;
}

/** Lists what is wrong with the program of an activation layer. */
function listProgramProblems(formula: string, layer: Layer, layers: readonly Layer[]): Problem[] {
  const path: Path = ['program', 'formula'];
  try {
    if (!usesRandomFeedback(formula)) return [];
  } catch (error) {
    return [{ path, message: (error as Error).message }];
  }
  const problem = findFeedbackProblem(layer.name, layers);
  return problem === undefined ? [] : [{ path, message: problem }];
}

/** Returns why an activation layer has no random feedback `r`; undefined if it has. */
export function findFeedbackProblem(name: string, layers: readonly Layer[]): string | undefined {
  let sources: number[][];
  try {
    sources = listSources(layers);
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
  const index = layers.findIndex((one) => one.name === name);
  const users = layers.filter((_, i) => sources[i]!.includes(index));
  const isDirect = users.length === 1 && (users[0]!.type === 'conv' || users[0]!.type === 'dense');
  return isDirect
    ? undefined
    : `r needs one convolution or dense layer directly above ${name}; use e, or take another layer`;
}

/** Lists what is wrong with one entry of `backward`: at its layers, one after the other, and in its b-function. */
function listEntryProblems(
  entry: BackwardReplacement,
  layers: readonly Layer[],
  { earlier, frozen }: { earlier: readonly BackwardReplacement[]; frozen: readonly string[] },
): Problem[] {
  const names = listLayers(entry);
  const atLayers = names.flatMap((layer, k) => {
    const before = listReplacements([...earlier, { ...entry, layer: names.slice(0, k) }]);
    const found = listReplacementProblems({ ...entry, layer }, layers, { earlier: before, frozen });
    if (typeof entry.layer === 'string') return found;
    return found.map(({ path, message }) => ({ path: path[0] === 'layer' ? ['layer', k] : path, message }));
  });
  const different = new Set(atLayers.map(({ path, message }) => JSON.stringify([path, message])));
  const problem = entry.derivative && findDerivativeProblem(entry.derivative);
  return [
    ...atLayers.filter(({ path, message }) => different.delete(JSON.stringify([path, message]))),
    ...(problem ? [{ path: ['derivative', ...problem.path], message: problem.message }] : []),
  ];
}
