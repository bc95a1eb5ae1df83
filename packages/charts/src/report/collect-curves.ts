import type { Curve, CurvesData } from '../figures/curves.ts';
import { alignRuns } from './align-runs.ts';
import type { CurveMeaning, ReportData, RunData } from './data.ts';
import { namePoint, nameTrial } from './name-point.ts';
import { rankCompleteTrials } from './rank-complete-trials.ts';

/** Best trials and confirmed points whose curves are drawn. */
const CURVES = 3;

/** Returns the curves of the best trials and of the reference, with the seeds of the search; null without any. */
export function collectBestCurves(data: ReportData): CurvesData | null {
  const trials = rankCompleteTrials(data)
    .filter(({ curve }) => curve?.length)
    .slice(0, CURVES)
    .map(({ number, point, curve }) => ({
      name: nameTrial(number, namePoint(data.parameters, point)),
      number,
      values: curve!,
    }));
  const { curveMeaning: meaning, reference } = data;
  if (!trials.length && !reference?.curve?.length) return null;
  return {
    meaning,
    trials,
    reference: reference?.curve?.length ? { name: reference.label, values: reference.curve } : null,
  };
}

/** Returns the curves of confirmed points and of the reference on fresh seeds; null without any. */
export function collectConfirmedCurves(data: ReportData): CurvesData | null {
  const { confirmations, reference, curveMeaning: meaning, parameters } = data;
  const points = new Map(data.trials.map(({ number, point }) => [number, point]));
  const trials = confirmations
    .filter(({ runs }) => runs?.length)
    .slice(0, CURVES)
    .map(({ number, name, runs }) => ({
      number,
      ...repeatRuns(nameTrial(number, name ?? namePoint(parameters, points.get(number) ?? {})), runs!, meaning),
    }));
  if (!trials.length) return null;
  const repeated = reference?.runs?.length ? repeatRuns(reference.label, reference.runs, meaning) : null;
  return { meaning, trials, reference: repeated };
}

function repeatRuns(name: string, runs: readonly RunData[], { cap }: CurveMeaning): Curve {
  const { steps, values, ended } = alignRuns(runs, cap);
  return { name, steps, values: values[0]!, repeats: values, ended };
}
