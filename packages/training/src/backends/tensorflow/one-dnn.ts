/** How TensorFlow uses oneDNN: the values of two environment variables. */
export interface OneDnnMode {
  /** TF_ENABLE_ONEDNN_OPTS. `0` uses TensorFlow's own kernels where they exist. */
  readonly options: string;
  /** ONEDNN_MAX_CPU_ISA: the newest instruction set that oneDNN may use. By default, the newest of the processor. */
  readonly isa?: string | undefined;
}

/** The default mode of TensorFlow. */
export const DEFAULT_MODE: OneDnnMode = { options: '1' };

/**
 * Modes for processors on which the default mode crashes. oneDNN divides by the number of cores that share a cache,
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

/** Returns the part of the runtime that names a mode, which changes the order of sums. Empty for the default. */
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
