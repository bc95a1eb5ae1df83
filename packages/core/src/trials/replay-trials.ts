import type { Suggestion, SuggestInput } from '@gradsmith/bayesopt';
import { belongsToSearch } from '../domain/baselines.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { listBaselines } from '../spec/baselines.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs, replaceModel } from '../spec/search-inputs.ts';
import { listObservations } from './list-observations.ts';

export interface ReplayedTrial {
  /** Id of the trial. */
  trial: string;
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
 * Recomputes every point of a job from what its optimizer had seen (invariant 4), in the order of numbers: those of the
 * search, then those of each baseline. `suggest` is the optimizer, `versions` what it would record now.
 */
export function* replayTrials(
  spec: JobSpec,
  trials: readonly TrialRecord[],
  suggest: (input: SuggestInput) => Suggestion,
  versions: Readonly<Record<string, string>>,
): Generator<ReplayedTrial> {
  for (const { id, number, point, source, baseline = null } of listSuggestedTrials(spec, trials)) {
    const recorded = { point, model: source.model ?? null };
    const base = {
      trial: id,
      number: number!,
      source: source.kind,
      recorded,
      otherVersions: findDifferences(source.versions, versions),
    };
    if (source.kind === 'enqueued' || source.kind === 'fixed') {
      yield { ...base, equal: null, recomputed: null };
      continue;
    }
    const history = listObservations(spec, trials, source.seenSeq, { baseline, before: number! });
    const input = { ...buildSearchInputs(spec, baseline), history, number: number! };
    const again = suggest(source.kind === 'fallback' ? replaceModel(input) : input);
    const recomputed =
      again.kind === 'point' ? { point: again.point, model: again.model ?? null } : { point: null, model: null };
    const sameOutlook = !source.outlook || (again.kind === 'point' && isSame(source.outlook, again.outlook));
    yield { ...base, recomputed, equal: isSame(recorded, recomputed) && sameOutlook };
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b ?? null);
}

/** Lists the trials whose points the optimizer proposed or a client enqueued, search by search, by number. */
export function listSuggestedTrials(spec: JobSpec, trials: readonly TrialRecord[]): TrialRecord[] {
  return [null, ...listBaselines(spec)].flatMap((baseline) =>
    trials.filter((trial) => belongsToSearch(trial, baseline)).sort((a, b) => a.number! - b.number!),
  );
}

function findDifferences(
  recorded: Record<string, string> | undefined,
  now: Readonly<Record<string, string>>,
): Record<string, string> | null {
  const other = Object.entries(recorded ?? {}).filter(([name, version]) => now[name] !== version);
  return other.length ? Object.fromEntries(other) : null;
}
