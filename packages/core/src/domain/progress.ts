import { InvalidInput, type Problem } from './errors.ts';

/**
 * Progress of an attempt: the steps trained and the sum of their capped losses, with the value of the metric where the
 * training measured it; for an external objective, its last step and the intermediate value there.
 */
export type Progress =
  | { step: number; partialSum: number; value?: number | undefined }
  | { step: number; value: number };

/** Throws InvalidInput, which names the step, if a step or its value cannot be recorded. */
export function checkProgress(progress: Progress): void {
  const { step } = progress;
  const problems: Problem[] = [];
  if (!Number.isSafeInteger(step) || step < 0) {
    const message = `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, not ${step}`;
    problems.push({ path: ['progress', 'step'], message });
  }
  const numbers = 'partialSum' in progress ? { partialSum: progress.partialSum, value: progress.value } : progress;
  for (const name of ['partialSum', 'value'] as const) {
    const value = (numbers as { partialSum?: number; value?: number | undefined })[name];
    if (value === undefined || Number.isFinite(value)) continue;
    problems.push({ path: ['progress', name], message: `at step ${step} must be a finite number, not ${value}` });
  }
  if (problems.length) throw new InvalidInput(problems, 'the report');
}

/**
 * Returns whether a report counts: only if its step is later than those the attempt has reported before. A repeated or
 * an earlier step changes nothing, so that a report can be sent again after a lost reply, and arrive late.
 */
export function isLaterStep(before: { step: number } | null, { step }: { step: number }): boolean {
  return before === null || step > before.step;
}
