import { namesIn } from '@gradsmith/bayesopt';
import type { Problem } from '../domain/errors.ts';
import { LONGEST_CURVE } from '../domain/trial-result.ts';
import { type BackwardReplacement, type LayerReplacement, listLayers, listReplacements } from './backward.ts';
import { getDatasetShape } from './dataset.ts';
import { buildBasis, buildBFunction } from './derivatives/b-function.ts';
import type { Derivative, Dictionary } from './derivatives/schema.ts';
import { evaluate, listVariables, type VariableValues } from './expression/evaluate.ts';
import type { Expression } from './expression/functions.ts';
import { isReserved } from './expression/parse.ts';
import { expandNetwork } from './networks/expand.ts';
import { getReplaceableFunction, hasWeights, type Layer } from './networks/layers.ts';
import { type NetworkShape, type Shape, ShapeError, inferShapes, listSources } from './networks/shapes.ts';
import { usesRandomFeedback } from './program.ts';
import { listRecordProblems } from './record.ts';
import { planTraining, type TrainingObjective } from './schema.ts';
import { parseUpdateRule } from './update-rule.ts';

type Path = (string | number)[];

/** Forward multiply-adds of one example: about 75 times SimpleNet's, and four times ResNet-152's on ImageNet. */
const MAX_MULTIPLY_ADDS = 5e10;
const MAX_PARAMETERS = 2e8;
/** Activations kept for the backward pass of one batch: 16 GiB in float32. */
const MAX_ACTIVATIONS = 2 ** 32;

/** Returns the path of a layer in the objective; a named network has one path for all layers. */
function layerPath(objective: TrainingObjective, index: number): Path {
  return 'layers' in objective.network ? ['network', 'layers', index] : ['network'];
}

function nameProblems(objective: TrainingObjective, layers: readonly Layer[]): Problem[] {
  const seen = new Set<string>();
  return layers.flatMap((layer, i) => {
    const problems: Problem[] = [];
    if (seen.has(layer.name))
      problems.push({
        path: [...layerPath(objective, i), 'name'],
        message: `another layer has the name ${layer.name}`,
      });
    seen.add(layer.name);
    if (layer.type === 'conv' && layer.dilation !== 1) {
      problems.push({
        path: [...layerPath(objective, i), 'dilation'],
        message: 'a dilated convolution cannot be trained here; leave dilation out and use a larger kernel or stride',
      });
    }
    return problems;
  });
}

/** Refuses levels of other activations. A named network is refused once for all its layers. */
function levelsProblems(objective: TrainingObjective, layers: readonly Layer[]): Problem[] {
  const problems = layers.flatMap((layer, i): Problem[] => {
    if (layer.type !== 'activation' || layer.levels === undefined || layer.function === 'quantize') return [];
    const message = `belongs to the activation quantize, and ${layer.name} is ${layer.function}; leave it out`;
    return [{ path: [...layerPath(objective, i), 'levels'], message }];
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

function sizeProblems(
  objective: TrainingObjective,
  layers: readonly Layer[],
  shape: NetworkShape,
  classes: number,
): Problem[] {
  const problems: Problem[] = [];
  const say = (path: Path, message: string) => problems.push({ path, message });
  const last = layers.at(-1)!;
  if (last.type !== 'dense' || last.units !== classes) {
    say(
      layerPath(objective, layers.length - 1),
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

function updateProblems({ optimizer }: TrainingObjective): Problem[] {
  if (optimizer.name !== 'program') return [];
  try {
    parseUpdateRule(optimizer.formula);
    return [];
  } catch (error) {
    return [{ path: ['optimizer', 'formula'], message: (error as Error).message }];
  }
}

function stepProblems({ dataset, batchSize, epochs }: TrainingObjective): Problem[] {
  const problems: Problem[] = [];
  if (batchSize > dataset.train)
    problems.push({ path: ['batchSize'], message: `is larger than the ${dataset.train} training examples` });
  const steps = Math.floor(dataset.train / batchSize) * epochs;
  if (steps > LONGEST_CURVE) {
    problems.push({
      path: ['epochs'],
      message:
        `makes ${steps} steps, and the loss of each is kept; ${LONGEST_CURVE} is the limit: reduce ` +
        `epochs or train, or raise batchSize`,
    });
  }
  return problems;
}

/** Measurements of the metric before the end of a training, at most: each is a heartbeat. */
const MAX_EVALUATIONS = 1_000;

function evaluationProblems({ dataset, batchSize, epochs, metric, evaluateEvery }: TrainingObjective): Problem[] {
  if (evaluateEvery === undefined) return [];
  const refuse = (message: string): Problem[] => [{ path: ['evaluateEvery'], message }];
  if (metric === 'aulc') return refuse('belongs to other metrics: aulc has a value at every step; leave it out');
  const steps = Math.floor(dataset.train / batchSize) * epochs;
  if (evaluateEvery >= steps) return refuse(`must be less than the ${steps} steps of a training`);
  const count = Math.ceil(steps / evaluateEvery) - 1;
  if (count <= MAX_EVALUATIONS) return [];
  return refuse(`makes ${count} measurements in ${steps} steps; ${MAX_EVALUATIONS} is the limit: use a larger number`);
}

/** Points at which a b-function must be finite before a job starts. */
const PROBES = Array.from({ length: 401 }, (_, i) => (i - 200) / 10);

/** Contexts at which it must be finite, too: the ends of the training, and errors of each sign. */
const CONTEXTS: readonly VariableValues[] = [
  { t: 0, m: 0, s: 1, a: 0, slope: 0, d: 0, ds: 1, depth: 0 },
  { t: 1, m: 0.5, s: 0.1, a: 1, slope: 1, d: 0.1, ds: 0.01, depth: 1 },
  { t: 0.5, m: -0.5, s: 2, a: -1, slope: 0.5, d: -0.1, ds: 0.1, depth: 0.5 },
];

/** Returns where the b-function is not finite, such as `z = -1`. */
function findInfinite(g: Expression): string | undefined {
  const used = [...listVariables(g)].filter((name) => name !== 'z');
  for (const context of used.length ? CONTEXTS : CONTEXTS.slice(0, 1)) {
    const at = PROBES.find((z) => !Number.isFinite(evaluate(g, { ...context, z })));
    if (at !== undefined) return ['z', ...used].map((name) => `${name} = ${{ ...context, z: at }[name]}`).join(', ');
  }
  return undefined;
}

/** Finds a parameter that has no effect, which a search would tune all the same. */
function idleParameter({
  formula,
  parameters,
}: Extract<Derivative, { kind: 'expression' }>): { path: Path; message: string } | undefined {
  const used = namesIn(formula);
  for (const name of Object.keys(parameters)) {
    if (isReserved(name))
      return {
        path: ['parameters', name],
        message: `${name} is reserved in formulas; choose another name for the parameter`,
      };
    if (!used.has(name))
      return { path: ['parameters', name], message: `the formula has no ${name}; use it there or leave it out` };
  }
  return undefined;
}

function dictionaryProblem({ bases, coefficients, byDepth }: Dictionary): { path: Path; message: string } | undefined {
  for (const [i, basis] of bases.entries()) {
    try {
      const bad = findInfinite(buildBasis(basis));
      if (bad !== undefined) return { path: ['bases', i], message: `is not finite at ${bad}; use max, min or if` };
    } catch (error) {
      return {
        path: ['bases', i],
        message: `is neither a b-function of the catalogue nor a formula: ${(error as Error).message}`,
      };
    }
  }
  if (!coefficients) return undefined;
  if ((coefficients.e !== undefined) !== byDepth)
    return {
      path: ['coefficients'],
      message: byDepth ? 'e is missing; give it or set byDepth: false' : 'e belongs to byDepth: true; leave it out',
    };
  for (const [name, values] of Object.entries(coefficients)) {
    if (values && values.length !== bases.length)
      return { path: ['coefficients', name], message: `takes ${bases.length} number(s), one for each of the bases` };
  }
  return undefined;
}

function derivativeProblem(derivative: Derivative): { path: Path; message: string } | undefined {
  if (derivative.kind === 'meta-network') {
    const { bias, weights, hidden } = derivative;
    if (!weights) return undefined;
    for (const [name, values] of Object.entries({ u: weights.u, v: weights.v, b: weights.b })) {
      if (values && values.length !== hidden)
        return { path: ['weights', name], message: `takes ${hidden} number(s), one for each hidden unit` };
    }
    if ((weights.b !== undefined) !== bias || (weights.d !== undefined) !== bias) {
      return {
        path: ['weights'],
        message: bias
          ? 'b and d are missing; give them or set bias: false'
          : 'b and d are biases; leave them out or set bias: true',
      };
    }
    return undefined;
  }
  if (derivative.kind === 'dictionary') return dictionaryProblem(derivative);
  const place: Path = derivative.kind === 'expression' ? ['formula'] : [];
  try {
    const g = buildBFunction(derivative);
    const idle = derivative.kind === 'expression' && idleParameter(derivative);
    if (idle) return idle;
    const bad = findInfinite(g);
    return bad === undefined
      ? undefined
      : { path: place, message: `g(z) is not finite at ${bad}; use max, min or if to keep it so` };
  } catch (error) {
    return { path: place, message: (error as Error).message };
  }
}

/** Refuses replacements that no error reaches: errors pass down to the lowest layer that learns, and no further. */
function reachProblems(
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
  const learns = (index: number): boolean => {
    const below = layers[index];
    if (!below) return false;
    return (hasWeights(below) && !frozen.includes(below.name)) || sources[index]!.some(learns);
  };
  return sources[layers.indexOf(layer)]!.some(learns);
}

function frozenProblems(name: string, layers: readonly Layer[]): string[] {
  const layer = layers.find((one) => one.name === name);
  if (!layer) return [`the network has no layer ${name}`];
  if (hasWeights(layer)) return [];
  return [
    `${name} is ${layer.type === 'activation' ? 'an' : 'a'} ${layer.type} layer and has no weights to ` +
      `keep as they start; leave it out`,
  ];
}

function replacementProblems(
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
    problems.push({ path: ['layer'], message: `${entry.layer} is a ${layer.type} layer, but ${what}: ${offered}` });
  } else problems.push(...reachProblems(entry, layer, layers, frozen));
  if (earlier.some((other) => other.layer === entry.layer))
    problems.push({ path: ['layer'], message: `${entry.layer} is replaced twice` });
  if (entry.program) problems.push(...programProblems(entry.program.formula, layer, layers));
  if (entry.mask && !entry.derivative) problems.push({ path: ['mask'], message: 'belongs to a derivative' });
  return problems;
}

/** Lists what is wrong with the program of an activation layer. */
function programProblems(formula: string, layer: Layer, layers: readonly Layer[]): Problem[] {
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
function entryProblems(
  entry: BackwardReplacement,
  layers: readonly Layer[],
  { earlier, frozen }: { earlier: readonly BackwardReplacement[]; frozen: readonly string[] },
): Problem[] {
  const names = listLayers(entry);
  const atLayers = names.flatMap((layer, k) => {
    const before = listReplacements([...earlier, { ...entry, layer: names.slice(0, k) }]);
    const found = replacementProblems({ ...entry, layer }, layers, { earlier: before, frozen });
    if (typeof entry.layer === 'string') return found;
    return found.map(({ path, message }) => ({ path: path[0] === 'layer' ? ['layer', k] : path, message }));
  });
  const different = new Set(atLayers.map(({ path, message }) => JSON.stringify([path, message])));
  const problem = entry.derivative && derivativeProblem(entry.derivative);
  return [
    ...atLayers.filter(({ path, message }) => different.delete(JSON.stringify([path, message]))),
    ...(problem ? [{ path: ['derivative', ...problem.path], message: problem.message }] : []),
  ];
}

/** Lists what is wrong with an objective as a whole. Paths start at the objective. */
export function checkObjective(objective: TrainingObjective): Problem[] {
  const { input, classes } = getDatasetShape(objective.dataset);
  const layers = expandNetwork(objective.network, classes);
  const problems = [...nameProblems(objective, layers), ...levelsProblems(objective, layers)];
  const shape = computeShape(layers, input);
  if (shape instanceof ShapeError)
    problems.push({
      path: layerPath(objective, shape.layer),
      message: `${layers[shape.layer]!.name}: ${shape.message}`,
    });
  else problems.push(...sizeProblems(objective, layers, shape, classes));

  const { backward, frozen } = objective;
  for (const [i, entry] of backward.entries()) {
    for (const { path, message } of entryProblems(entry, layers, { earlier: backward.slice(0, i), frozen }))
      problems.push({ path: ['backward', i, ...path], message });
  }
  for (const [i, name] of frozen.entries())
    problems.push(...frozenProblems(name, layers).map((message) => ({ path: ['frozen', i], message })));
  problems.push(...updateProblems(objective), ...stepProblems(objective), ...evaluationProblems(objective));
  if (objective.record && !problems.length)
    problems.push(...listRecordProblems(planTraining(objective), objective.record, frozen));
  if (objective.metric.startsWith('validation') && objective.dataset.validation === 0) {
    problems.push({
      path: ['dataset', 'validation'],
      message: `the metric ${objective.metric} needs validation examples`,
    });
  }
  return problems;
}
