import type { Suggestion, SuggestInput } from '@gradsmith/bayesopt';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs, replaceModel } from '../spec/search-inputs.ts';
import { listObservations } from './list-observations.ts';

export interface ReplayedTrial {
  number: number;
  source: TrialRecord['source']['kind'];
  /** Whether the point was recomputed bit for bit; null if a client enqueued it. */
  equal: boolean | null;
  recorded: { point: unknown; model: unknown };
  recomputed: { point: unknown; model: unknown } | null;
  /** Versions under which the point was computed, where they differ from `versions`. */
  otherVersions: Record<string, string> | null;
}

/**
 * Recomputes every point of a job from what its optimizer had seen (invariant 4), in the order of numbers. `suggest` is
 * the optimizer, `versions` what it would record now.
 */
export function* replayTrials(
  spec: JobSpec,
  trials: readonly TrialRecord[],
  suggest: (input: SuggestInput) => Suggestion,
  versions: Readonly<Record<string, string>>,
): Generator<ReplayedTrial> {
  const searched = trials.filter(({ role }) => role === 'search').sort((a, b) => a.number! - b.number!);
  for (const { number, point, source } of searched) {
    const recorded = { point, model: source.model ?? null };
    const base = {
      number: number!,
      source: source.kind,
      recorded,
      otherVersions: findDifferences(source.versions, versions),
    };
    if (source.kind === 'enqueued' || source.kind === 'fixed') {
      yield { ...base, equal: null, recomputed: null };
      continue;
    }
    const history = listObservations(spec, trials, source.seenSeq, number!);
    const input = { ...buildSearchInputs(spec), history, number: number! };
    const again = suggest(source.kind === 'fallback' ? replaceModel(input) : input);
    const recomputed =
      again.kind === 'point' ? { point: again.point, model: again.model ?? null } : { point: null, model: null };
    yield { ...base, recomputed, equal: canonicalJson(recorded) === canonicalJson(recomputed) };
  }
}

function findDifferences(
  recorded: Record<string, string> | undefined,
  now: Readonly<Record<string, string>>,
): Record<string, string> | null {
  const other = Object.entries(recorded ?? {}).filter(([name, version]) => now[name] !== version);
  return other.length ? Object.fromEntries(other) : null;
}
