/**
 * A stationary kernel as a function of the scaled squared distance r² = Σ_d Δ_d²/ℓ_d², with k(0) = 1. All derivatives
 * follow from its slope: ∂k/∂x_d = 2·slope·Δ_d/ℓ_d² and ∂k/∂ln ℓ_d = −2·slope·Δ_d²/ℓ_d².
 */
export interface Kernel {
  readonly name: 'matern52' | 'rbf';
  /** k(r²), for r² ≥ 0. */
  value(squared: number): number;
  /** ∂k/∂(r²); finite at 0. */
  slope(squared: number): number;
}

/**
 * Matérn with ν = 5/2 (Rasmussen & Williams 2006, eq. 4.17): with a = √5·r, k = (1 + a + a²/3)·e⁻ᵃ, ∂k/∂r² = −(5/6)(1 +
 * a)·e⁻ᵃ.
 */
export const matern52: Kernel = {
  name: 'matern52',
  value(squared) {
    const a = Math.sqrt(5 * squared);
    return (1 + a + (a * a) / 3) * Math.exp(-a);
  },
  slope(squared) {
    const a = Math.sqrt(5 * squared);
    return (-5 / 6) * (1 + a) * Math.exp(-a);
  },
};

/** Squared exponential (Rasmussen & Williams 2006, eq. 4.9): k = e^(−r²/2). */
export const rbf: Kernel = {
  name: 'rbf',
  value: (squared) => Math.exp(-squared / 2),
  slope: (squared) => -Math.exp(-squared / 2) / 2,
};
