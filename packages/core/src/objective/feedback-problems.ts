import type { Problem } from '../domain/problem.ts';
import { type BackwardReplacement, listLayers } from './backward.ts';
import type { TrainingObjective } from './schema.ts';

/** Lists what keeps the matrices of `kolen-pollack` from getting the same updates as the weights. */
export function listFeedbackProblems(objective: TrainingObjective): Problem[] {
  return objective.backward.flatMap((entry, i) => {
    if (entry.transpose?.kind !== 'kolen-pollack') return [];
    const path = ['backward', i, 'transpose', 'kind'];
    return listKolenPollackProblems(entry, objective).map((message) => ({ path, message }));
  });
}

function listKolenPollackProblems(
  entry: BackwardReplacement,
  { optimizer, gradientNoise, frozen }: TrainingObjective,
): string[] {
  const problems: string[] = [];
  if (gradientNoise)
    problems.push(
      'kolen-pollack needs equal updates of the weights and of the matrix, and objective.gradientNoise would add ' +
        'other noise to each; leave one of them out',
    );
  if (optimizer.hypergradient)
    problems.push(
      'kolen-pollack trains a matrix whose updates are no gradients, and optimizer.hypergradient would learn from ' +
        'them; leave one of them out',
    );
  for (const layer of listLayers(entry).filter((name) => frozen.includes(name)))
    problems.push(`${layer} is frozen, so its matrix would stay as it starts; use feedback-alignment`);
  return problems;
}
