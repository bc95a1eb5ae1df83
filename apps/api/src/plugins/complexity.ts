import { InvalidInput, isTraining, trainingFlops, type JobSpec } from '@gradsmith/core';

/**
 * Throws InvalidInput for a job whose trials would cost more than the operator allows. `spec` must have passed
 * `parseJob`.
 */
export function refuseExpensive(spec: JobSpec, maxTrialFlops: number): void {
  if (!isTraining(spec)) return;
  const flops = trainingFlops(spec.objective);
  if (flops <= maxTrialFlops) return;
  const message = `one trial would take ${flops.toExponential(1)} floating-point operations; ${maxTrialFlops.toExponential(1)} are allowed here: reduce the network, epochs or dataset.train`;
  throw new InvalidInput([{ path: ['objective'], message }]);
}
