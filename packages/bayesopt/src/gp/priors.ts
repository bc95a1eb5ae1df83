/**
 * The log-density of a hyperparameter (without constants) as a function of its logarithm, and its derivative. It is the
 * density of the parameter itself, so that the maximum a posteriori is that of the parameter's own density.
 */
export interface LogPrior {
  /** Logarithm of the hyperparameter at the peak of the density; a fit without a warm start starts there. */
  readonly mode: number;
  /** Scale of the spread in the logarithm, for drawing restarts. */
  readonly spread: number;
  logDensity(log: number): number;
  slope(log: number): number;
}

/** ln x ~ N(mu, sigma²). */
export function logNormal(mu: number, sigma: number): LogPrior {
  return {
    mode: mu - sigma * sigma,
    spread: sigma,
    logDensity: (log) => -log - ((log - mu) * (log - mu)) / (2 * sigma * sigma),
    slope: (log) => -1 - (log - mu) / (sigma * sigma),
  };
}

/** x ~ Gamma(shape, rate), shape > 1. */
export function gamma(shape: number, rate: number): LogPrior {
  return {
    mode: Math.log((shape - 1) / rate),
    spread: 1 / Math.sqrt(shape),
    logDensity: (log) => (shape - 1) * log - rate * Math.exp(log),
    slope: (log) => shape - 1 - rate * Math.exp(log),
  };
}

/**
 * Lengthscales grow with the dimension as √d, since distances in the cube do (Hvarfner, Hellsten & Nardi 2024, "Vanilla
 * Bayesian optimization performs great in high dimensions", section 4).
 */
export function lengthscalePrior(dimensions: number): LogPrior {
  return logNormal(Math.SQRT2 + Math.log(dimensions) / 2, Math.sqrt(3));
}

/** s² of a standardized outcome. */
export const signalPrior: LogPrior = gamma(2, 1);

/** σₙ² of a standardized outcome: prefers little noise, allows much. */
export const noisePrior: LogPrior = gamma(1.1, 30);

/** Lists the priors of θ = (ln ℓ_1 … ln ℓ_d, ln s², ln σₙ²), shape [d + 2]. */
export function listPriors(dimensions: number): LogPrior[] {
  const lengthscale = lengthscalePrior(dimensions);
  return [...Array.from({ length: dimensions }, () => lengthscale), signalPrior, noisePrior];
}
