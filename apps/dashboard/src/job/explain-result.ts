import type { BackwardReplacement, Metric } from '@gradsmith/core/objective';
import { isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import { formatPlural } from '../parts/format.ts';

const meanings: Readonly<Record<Metric, string>> = {
  aulc: 'AULC is the area under the loss curve: the mean loss on the training batches over all steps',
  'final-loss': 'final-loss is the mean loss on the training batches over the last epoch',
  'validation-loss': 'validation-loss is the mean loss on the validation examples after the last epoch',
  'validation-accuracy':
    'validation-accuracy is the share of the validation examples that are right after the last epoch',
};

/** Says what the metric is, which values are better, and what the parameters of each g are that has a formula. */
export function explainResult(spec: JobSpec): string[] {
  if (!isTrainingJob(spec)) return [];
  const { metric, backward } = spec.objective;
  const direction = metric === 'validation-accuracy' ? 'larger' : 'smaller';
  const formulas = backward.flatMap(({ layer, derivative }) => {
    const formula = derivative && writeFormula(derivative);
    return formula ? [`in ${nameLayers([layer].flat())}, ${formula}`] : [];
  });
  const searched = formulas.length ? [`${capitalize(formulas.join('; '))}.`] : [];
  return [`${meanings[metric]}; ${direction} is better.`, ...searched];
}

function nameLayers(layers: readonly string[]): string {
  return layers.length > 2 ? formatPlural(layers.length, 'layer') : layers.join(' and ');
}

/** Writes g with the names that its parameters have; null if the name of the function says what it is. */
function writeFormula(derivative: NonNullable<BackwardReplacement['derivative']>): string | null {
  if (derivative.kind === 'expression') return `g(z) = ${derivative.formula}`;
  if (derivative.kind !== 'meta-network') return null;
  const { hidden, activation, bias } = derivative;
  const [sum, i] = hidden > 1 ? ['Σ ', 'ᵢ'] : ['', ''];
  return `g(z) = ${sum}v${i}·${activation}(u${i}·z${bias ? ` + b${i}` : ''})${bias ? ' + d' : ''}`;
}

function capitalize(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
