import type { Problem } from '../domain/errors.ts';
import { getDatasetShape } from './dataset.ts';
import type { Layer } from './networks/layers.ts';
import { type NetworkShape, type Shape, ShapeError, inferShapes } from './networks/shapes.ts';
import type { TrainingObjective } from './schema.ts';

type Path = (string | number)[];

/** Forward multiply-adds of one example: about 75 times SimpleNet's, and four times ResNet-152's on ImageNet. */
const MAX_MULTIPLY_ADDS = 5e10;
const MAX_PARAMETERS = 2e8;
/** Activations kept for the backward pass of one batch: 16 GiB in float32. */
const MAX_ACTIVATIONS = 2 ** 32;

/** Lists what is wrong with the layers of a network: names, shapes and size. */
export function listNetworkProblems(objective: TrainingObjective, layers: readonly Layer[]): Problem[] {
  const { input, classes, vocabulary } = getDatasetShape(objective.dataset);
  const problems = [...listNameProblems(objective, layers), ...listLevelProblems(objective, layers)];
  const shape = computeShape(layers, input);
  if (!(shape instanceof ShapeError)) {
    problems.push(...listTokenProblems(objective, layers, shape, vocabulary));
    return [...problems, ...listSizeProblems(objective, layers, shape, classes)];
  }
  const message = `${layers[shape.layer]!.name}: ${shape.message}`;
  return [...problems, { path: getLayerPath(objective, shape.layer), message }];
}

/** Returns the path of a layer in the objective; a named network has one path for all layers. */
function getLayerPath(objective: TrainingObjective, index: number): Path {
  return 'layers' in objective.network ? ['network', 'layers', index] : ['network'];
}

function listNameProblems(objective: TrainingObjective, layers: readonly Layer[]): Problem[] {
  const seen = new Set<string>();
  return layers.flatMap((layer, i) => {
    const problems: Problem[] = [];
    if (seen.has(layer.name))
      problems.push({
        path: [...getLayerPath(objective, i), 'name'],
        message: `another layer has the name ${layer.name}`,
      });
    seen.add(layer.name);
    if (layer.type === 'conv' && layer.dilation !== 1) {
      problems.push({
        path: [...getLayerPath(objective, i), 'dilation'],
        message: 'a dilated convolution cannot be trained here; leave dilation out and use a larger kernel or stride',
      });
    }
    return problems;
  });
}

/** Refuses levels of other activations. A named network is refused once for all its layers. */
function listLevelProblems(objective: TrainingObjective, layers: readonly Layer[]): Problem[] {
  const problems = layers.flatMap((layer, i): Problem[] => {
    if (layer.type !== 'activation' || layer.levels === undefined || layer.function === 'quantize') return [];
    const message = `belongs to the activation quantize, and ${layer.name} is ${layer.function}; leave it out`;
    return [{ path: [...getLayerPath(objective, i), 'levels'], message }];
  });
  return 'layers' in objective.network ? problems : problems.slice(0, 1);
}

function computeShape(layers: readonly Layer[], input: Shape): NetworkShape | ShapeError {
  try {
    return inferShapes(layers, input);
  } catch (error) {
    if (error instanceof ShapeError) return error;
    throw error;
  }
}

/** Refuses embeddings of anything but the tokens of the data set. */
function listTokenProblems(
  objective: TrainingObjective,
  layers: readonly Layer[],
  shape: NetworkShape,
  vocabulary: number | undefined,
): Problem[] {
  return layers.flatMap((layer, i): Problem[] => {
    if (layer.type !== 'embedding') return [];
    const path = getLayerPath(objective, i);
    const refuse = (message: string): Problem[] => [{ path, message: `${layer.name}: ${message}` }];
    if (shape.layers[i]!.sources[0] !== -1) return refuse('an embedding takes tokens; make it the first layer');
    if (vocabulary === undefined)
      return refuse(
        `an embedding takes tokens, and the examples of ${objective.dataset.name} are numbers; use a dense layer`,
      );
    if (layer.vocabulary >= vocabulary) return [];
    return refuse(
      `has no vector for the tokens from ${layer.vocabulary} to ${vocabulary - 1} of ${objective.dataset.name}; ` +
        `set vocabulary to ${vocabulary}`,
    );
  });
}

function listSizeProblems(
  objective: TrainingObjective,
  layers: readonly Layer[],
  shape: NetworkShape,
  classes: number,
): Problem[] {
  const { seedsPerTrial = 1 } = objective;
  const problems: Problem[] = [];
  const say = (path: Path, message: string) => problems.push({ path, message });
  const last = layers.at(-1)!;
  if (last.type !== 'dense' || last.units !== classes) {
    say(
      getLayerPath(objective, layers.length - 1),
      `the last layer must be dense with ${classes} units, one a class of ${objective.dataset.name}`,
    );
  }
  if (shape.multiplyAdds > MAX_MULTIPLY_ADDS) {
    say(
      ['network'],
      `needs ${(2 * shape.multiplyAdds).toExponential(1)} floating-point operations an example; ` +
        `${(2 * MAX_MULTIPLY_ADDS).toExponential(0)} is the limit: reduce width, filters or units`,
    );
  }
  if (shape.parameters > MAX_PARAMETERS) {
    say(
      ['network'],
      `has ${shape.parameters} parameters; ${MAX_PARAMETERS} is the limit: reduce width, filters or units`,
    );
  } else if (shape.parameters * seedsPerTrial > MAX_PARAMETERS) {
    say(
      ['seedsPerTrial'],
      `${seedsPerTrial} networks have ${shape.parameters * seedsPerTrial} parameters, which are in memory at once; ` +
        `${MAX_PARAMETERS} is the limit: reduce seedsPerTrial or the network`,
    );
  }
  if (shape.activations * objective.batchSize > MAX_ACTIVATIONS) {
    say(
      ['batchSize'],
      `a step would keep ${((shape.activations * objective.batchSize * 4) / 2 ** 30).toFixed(0)} GiB ` +
        `of activations; 16 GiB is the limit: reduce batchSize or the network`,
    );
  }
  return problems;
}
