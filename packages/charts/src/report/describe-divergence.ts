import type { ReferenceDivergence } from '@gradsmith/core/domain';

type Divergence = ReferenceDivergence | null | undefined;

/** Returns whether a confirmed gain contains the value of a diverged training of the reference. */
export function hasDivergedSeeds(divergence: Divergence): divergence is ReferenceDivergence {
  return Boolean(divergence && divergence.diverged > 0);
}

/** Returns `diverged in the search and under 3 of 3 fresh seeds`; null if no training of the reference diverged. */
export function describeDivergedRuns(divergence: Divergence): string | null {
  if (!divergence) return null;
  const { value, diverged, seeds } = divergence;
  const places = [
    ...(value === null ? [] : ['in the search']),
    ...(diverged ? [`under ${diverged} of ${seeds} fresh seeds`] : []),
  ];
  return `diverged ${places.join(' and ')}`;
}

/**
 * Says in one sentence that the reference diverged, and what a gain over it then measures. The report, the dashboard
 * and the command line have the same sentence. Null if no training of the reference diverged.
 *
 * @param name what the reference trains, such as `plain backpropagation`
 * @param subject the start of the sentence, for a page about several jobs
 */
export function describeDivergence(name: string, divergence: Divergence, subject = 'The reference'): string | null {
  const runs = describeDivergedRuns(divergence);
  if (!divergence || runs === null) return null;
  const { diverged, seeds } = divergence;
  const start = `${subject} (${name}) ${runs}`;
  if (diverged && diverged < seeds)
    return (
      `${start}, so the confirmed gain measures in part the value that diverged trainings get, and not only how much ` +
      'better the point is.'
    );
  if (diverged)
    return (
      `${start}, so the confirmed gain measures the value that diverged trainings get, and not how much better the ` +
      'point is.'
    );
  if (seeds)
    return (
      `${start} and under none of ${seeds} fresh seeds, so there is no search gain, and the confirmed gain does not ` +
      'contain diverged trainings of the reference.'
    );
  return (
    `${start}, so there is no search gain: it would measure the value that diverged trainings get, and not how much ` +
    'better the point is.'
  );
}
