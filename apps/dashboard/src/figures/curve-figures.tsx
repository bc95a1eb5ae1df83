import {
  collectBestCurves,
  collectConfirmedCurves,
  listMarkedTrials,
  namePoint,
  rankCompleteTrials,
  type AllCurvesData,
  type ReportData,
} from '@gradsmith/charts';
import { makeConfirmTrialId, REFERENCE_ID } from '@gradsmith/core/domain';
import { useMemo } from 'react';
import { Figure } from './figure.tsx';
import { useCurves } from './use-curves.ts';
import { useMarkedTrials } from './use-marked-trials.ts';

interface CurveFigureProps {
  readonly data: ReportData;
  readonly onTrial: (number: number) => void;
}

/** The curves of the best trials and of the reference. */
export function BestCurves({ data, onTrial }: CurveFigureProps): React.JSX.Element | null {
  const known = useMarkedTrials(data);
  const best = useMemo(() => {
    const read = new Map(known.map(({ number, curve }) => [number, curve]));
    const marked = data.trials.flatMap((trial) => {
      const curve = read.get(trial.number);
      return curve ? [{ ...trial, curve }] : [];
    });
    const curve = known.find(({ id }) => id === REFERENCE_ID)?.curve;
    const reference = data.reference && (curve ? { ...data.reference, curve } : data.reference);
    return collectBestCurves({ ...data, trials: marked, reference });
  }, [data, known]);
  if (!best) return null;
  const title = best.meaning.cap === null ? 'Reported values by step' : 'Loss over training';
  return <Figure title={title} data={best} kind="curves" onTrial={onTrial} />;
}

/** Confirmed points whose curves are drawn. */
const CONFIRMED = 3;

/** The curves of confirmed points and of the reference on fresh seeds: their means, with bands. */
export function ConfirmedCurves({ data, onTrial }: CurveFigureProps): React.JSX.Element | null {
  const shown = data.confirmations.slice(0, CONFIRMED);
  const pairs = shown.flatMap(({ number, gains }) =>
    gains.flatMap(({ seed }) => [makeConfirmTrialId(number, seed), makeConfirmTrialId(null, seed)]),
  );
  const curves = useCurves(data.jobId, [...new Set(pairs)].slice(0, MOST), false);
  const confirmed = useMemo(() => {
    const read = (candidate: number | null, seeds: readonly number[]) =>
      seeds.flatMap((seed) => curves.get(makeConfirmTrialId(candidate, seed)) ?? []);
    const confirmations = shown.map((entry) => ({
      ...entry,
      runs: read(
        entry.number,
        entry.gains.map(({ seed }) => seed),
      ),
    }));
    const seeds = [...new Set(shown.flatMap(({ gains }) => gains.map(({ seed }) => seed)))];
    const reference = data.reference && { ...data.reference, runs: read(null, seeds) };
    return collectConfirmedCurves({ ...data, confirmations, reference });
  }, [data, curves]);
  if (!confirmed) return null;
  const title = confirmed.meaning.cap === null ? 'Reported values on fresh seeds' : 'Loss on fresh seeds';
  return <Figure title={title} data={confirmed} kind="curves" onTrial={onTrial} />;
}

/** Trials whose curves are drawn together, and the best and the running ones among them. */
const MOST = 100;
const BEST = 20;
const RUNNING = 20;

/** The values of many trials by step: the best, those that run, and the latest others. */
export function AllCurves({ data, onTrial }: CurveFigureProps): React.JSX.Element | null {
  const chosen = useMemo(() => chooseTrials(data), [data]);
  const isGrowing = chosen.some(({ state }) => state === 'running');
  const curves = useCurves(
    data.jobId,
    chosen.map(({ number }) => String(number)),
    isGrowing,
  );
  const all = useMemo((): AllCurvesData => {
    const trials = chosen.flatMap(({ number, state, point }) => {
      const run = curves.get(String(number));
      return run ? [{ number, name: namePoint(data.parameters, point), state, run }] : [];
    });
    const { curveMeaning: meaning, metric } = data;
    const [best] = rankCompleteTrials(data);
    return { meaning, direction: metric.direction, trials, best: best?.number ?? null, total: data.trials.length };
  }, [data, curves]);
  if (!all.trials.length) return null;
  const title = all.meaning.cap === null ? 'Reported values of all trials' : 'Loss of all trials';
  return <Figure title={title} data={all} kind="all-curves" onTrial={onTrial} />;
}

function chooseTrials(data: ReportData): ReportData['trials'] {
  const { trials } = data;
  const running = trials.filter(({ state }) => state === 'running').slice(-RUNNING);
  const best = listMarkedTrials(data, BEST).slice(0, BEST);
  const chosen = new Set([...running, ...best].map(({ number }) => number));
  for (let i = trials.length - 1; i >= 0 && chosen.size < MOST; i--) {
    const { number, state } = trials[i]!;
    if (state !== 'pending' && state !== 'cancelled') chosen.add(number);
  }
  return trials.filter(({ number }) => chosen.has(number));
}
