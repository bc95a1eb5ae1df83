/**
 * The null hypotheses about a b-function, which a job tunes by itself.
 *
 * - `constant`: the best constant times σ′, at every layer whose derivative the job replaces
 * - `learning-rate`: the best learning rate of plain backpropagation
 */
export const baselineNames = ['constant', 'learning-rate'] as const;
export type BaselineName = (typeof baselineNames)[number];

/** Returns the id of trial `number` of a baseline's search. */
export function makeBaselineTrialId(baseline: BaselineName, number: number): string {
  return `${baseline}-${number}`;
}

/** Counts the trials that were created to tune a baseline. */
export function countBaselineTrials({ extras }: { extras: readonly string[] }, baseline: BaselineName): number {
  return extras.filter((id) => id.startsWith(`${baseline}-`)).length;
}

/** Returns whether a trial belongs to the search of a baseline; null: of the job itself. */
export function belongsToSearch(
  trial: { readonly role: string; readonly baseline?: BaselineName | undefined },
  baseline: BaselineName | null = null,
): boolean {
  if (baseline === null) return trial.role === 'search';
  return trial.role === 'baseline' && trial.baseline === baseline;
}
