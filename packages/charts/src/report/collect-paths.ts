import { findSlice, projectPath } from '../figures/find-slice.ts';
import type { PathsData } from './data.ts';

/** The weights that one training recorded, snapshot by snapshot. */
export interface RecordedPath {
  readonly name: string;
  /** Number of the search trial; null for the reference. */
  readonly trial: number | null;
  readonly cosine: number | null;
  readonly weights: readonly Float32Array[];
}

/** Returns the paths in the plane that contains the largest share of them, without the loss around them. */
export function collectPaths(layer: string, recorded: readonly RecordedPath[], obstacle: string): PathsData | null {
  if (!recorded.length) return null;
  const slice = findSlice(recorded.map(({ weights }) => weights));
  const paths = recorded.map(({ weights, ...path }) => ({ ...path, ...projectPath(weights, slice) }));
  return { layer, share: slice.share, paths, landscape: null, obstacle };
}
