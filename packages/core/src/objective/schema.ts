import { objectiveFields, type TrainingObjective } from './fields.ts';
import { objectiveProblems } from './problems.ts';

/** The training of a target network as a job's objective: every field in range, every layer fitting the one before. */
export const trainingObjectiveSchema = objectiveFields.superRefine((objective, context) => {
  for (const { path, message } of objectiveProblems(objective)) context.addIssue({ code: 'custom', path, message });
});

/** The same training with plain backpropagation: the reference that gain is measured against. */
export function plainBackpropagation(objective: TrainingObjective): TrainingObjective {
  return { ...objective, backward: [] };
}
