/** How TensorFlow uses oneDNN: the values of the two variables that decide it. */
export interface OneDnnMode {
  /** TF_ENABLE_ONEDNN_OPTS: `0` takes TensorFlow's own kernels wherever it has some. */
  readonly options: string;
  /** ONEDNN_MAX_CPU_ISA: the newest instruction set that oneDNN uses. Absent: the processor's newest. */
  readonly isa?: string | undefined;
}

/** As TensorFlow is meant to run. */
export const DEFAULT_MODE: OneDnnMode = { options: '1' };

/**
 * Modes for processors on which the default ends the process. oneDNN divides by the number of cores that share a cache,
 * which is 0 on virtual processors that report no caches.
 */
export const FALLBACK_MODES: readonly OneDnnMode[] = [{ options: '0' }, { options: '1', isa: 'SSE41' }];

/** Returns the mode that the user has set by environment variables, or undefined if neither is set. */
export function readUserMode(environment: NodeJS.ProcessEnv): OneDnnMode | undefined {
  const { TF_ENABLE_ONEDNN_OPTS: options, ONEDNN_MAX_CPU_ISA: isa } = environment;
  if (!options && !isa) return undefined;
  return { options: options || DEFAULT_MODE.options, isa: isa || undefined };
}

/** Returns the environment variables of a mode. */
export function toEnvironment({ options, isa }: OneDnnMode): Record<string, string> {
  const variables = { TF_ENABLE_ONEDNN_OPTS: options };
  return isa === undefined ? variables : { ...variables, ONEDNN_MAX_CPU_ISA: isa };
}

/** Returns what the runtime says of a mode: the order of sums depends on it. Nothing for the default. */
export function getModeLabel({ options, isa }: OneDnnMode): string | undefined {
  const parts = [options === '0' ? 'off' : undefined, isa?.toLowerCase()].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('-');
}

/** Describes a mode in messages. */
export function describeMode(mode: OneDnnMode): string {
  return Object.entries(toEnvironment(mode))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
