// Your own objective: how far from (1, 2) a short gradient descent ends that starts at the searched point.
//     gradsmith run examples/quadratic.yaml --modules examples/modules
//     gradsmith worker --redis redis://localhost:6379 --modules examples/modules

interface Context {
  /** Number of the trial. */
  trial: number;
  /** Of the job, for modules that draw at random. */
  seed: number;
  /** `objective.options` of the job. */
  options: { steps?: number };
  /** Reports an intermediate value. Throws once the trial is pruned, and for a value that is not finite. */
  report(step: number, value: number): Promise<void>;
  /** Aborted when the trial is pruned. */
  signal: AbortSignal;
}

export default async function quadratic(
  params: { x: number; y: number },
  { options: { steps = 20 }, report }: Context,
) {
  let [x, y] = [params.x, params.y];
  for (let step = 1; step <= steps; step++) {
    x -= 0.1 * (x - 1);
    y -= 0.05 * (y - 2);
    await report(step, Math.hypot(x - 1, y - 2));
  }
  return { value: Math.hypot(x - 1, y - 2), metrics: { x, y } };
}
