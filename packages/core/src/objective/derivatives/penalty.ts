import type { BackwardReplacement } from '../backward.ts';

/** Returns what the penalties of dictionaries add to the value of a trial: λ·(Σ|cᵢ| + Σ|eᵢ|) of each. */
export function computePenalty(backward: readonly BackwardReplacement[]): number {
  return backward.reduce((total, { derivative }) => {
    if (derivative?.kind !== 'dictionary' || !derivative.coefficients) return total;
    const { c, e = [] } = derivative.coefficients;
    return total + derivative.penalty * [...c, ...e].reduce((sum, value) => sum + Math.abs(value), 0);
  }, 0);
}

/** Returns the replacements without penalties. */
export function withoutPenalty(backward: readonly BackwardReplacement[]): BackwardReplacement[] {
  return backward.map((entry) =>
    entry.derivative?.kind === 'dictionary' ? { ...entry, derivative: { ...entry.derivative, penalty: 0 } } : entry,
  );
}
