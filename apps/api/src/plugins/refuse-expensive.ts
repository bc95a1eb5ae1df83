import { InvalidInput } from '@gradsmith/core/domain';
import { countTrainingFlops } from '@gradsmith/core/objective';
import { isTrainingJob, type JobSpec } from '@gradsmith/core/spec';

/**
 * Throws InvalidInput for a job whose trials would cost more than the operator allows. `spec` must have passed
 * `parseJob`.
 */
export function refuseExpensive(spec: JobSpec, maxTrialFlops: number): void {
  if (!isTrainingJob(spec)) return;
  const flops = countTrainingFlops(spec.objective);
  if (flops <= maxTrialFlops) return;
  const message =
    `one trial would take ${flops.toExponential(1)} floating-point operations; this service allows ` +
    `${maxTrialFlops.toExponential(1)}; reduce the network, epochs, dataset.train or seedsPerTrial`;
  throw new InvalidInput([{ path: ['objective'], message }]);
}
