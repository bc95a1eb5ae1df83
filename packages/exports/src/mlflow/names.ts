/** MLflow's limits on names: mlflow/utils/validation.py. */
const MAX_NAME = 250;

/**
 * Returns a name that MLflow takes for a metric: letters, digits, underscores, dashes, periods and spaces. Slashes are
 * left to the caller, because MLflow reads names as paths.
 */
export function toMlflowName(name: string): string {
  const safe = name.replaceAll(/[^\p{L}\p{N}_.\- ]/gu, '_').slice(0, MAX_NAME);
  return /^\.*$/.test(safe) ? `_${safe}` : safe;
}
