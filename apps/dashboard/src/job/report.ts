import {
  describeCurves,
  type BFunctionData,
  type ImportanceData,
  type ParameterData,
  type ReportData,
  type TrialData,
} from '@gradsmith/charts';
import { type JobStatus } from '@gradsmith/contract';
import { sampleBFunctions } from '@gradsmith/core/objective';
import { isTrainingJob, resolveObjective, buildSearchSpace, type JobSpec } from '@gradsmith/core/spec';
import { formatMetricName } from '../format.ts';
import type { TrialRow } from './store.ts';

/** Places at which b-functions are drawn. */
const GRID = { low: -5, high: 5, points: 401 };

export type Curves = ReadonlyMap<string, readonly number[]>;

/** Free and fixed parameters of the job's space, with their ranges. */
export function listParameters(spec: JobSpec): ParameterData[] {
  return Object.entries(buildSearchSpace(spec).space).map(([name, parameter]) => ({ name, ...parameter }));
}

/** Complete trials, best first. */
export function rankRows(rows: readonly TrialRow[], direction: 'minimize' | 'maximize', count: number): TrialRow[] {
  const sign = direction === 'minimize' ? 1 : -1;
  const best: TrialRow[] = [];
  for (const row of rows) {
    if (row?.state !== 'complete' || row.value === null) continue;
    const place = best.findIndex((other) => sign * (other.value! - row.value!) > 0);
    if (place >= 0) best.splice(place, 0, row);
    else if (best.length < count) best.push(row);
    if (best.length > count) best.pop();
  }
  return best;
}

/** The b-functions of trials, by layer. */
export function sampleLayers(spec: JobSpec, rows: readonly TrialRow[]): BFunctionData[] {
  if (!isTrainingJob(spec)) return [];
  const sampled = rows.map(({ number, point }) => ({
    number,
    layers: sampleBFunctions(
      resolveObjective(spec, { role: 'search', confirms: null, point, seed: spec.objective.seed }),
      GRID,
    ),
  }));
  return (sampled[0]?.layers ?? []).map(({ layer, activation, z, derivative }, i) => ({
    layer,
    activation,
    z,
    derivative: numbers(derivative),
    found: sampled.map(({ number, layers }) => ({ number, g: numbers(layers[i]!.g) })),
  }));
}

/** What the figures and the verdict of the charts package are made from. Curves are those known so far, by trial id. */
export function toReportData(
  spec: JobSpec,
  status: JobStatus,
  rows: readonly TrialRow[],
  curves: Curves,
  importance: readonly ImportanceData[],
): ReportData {
  const curve = (id: string): { curve?: readonly number[] } => (curves.has(id) ? { curve: curves.get(id)! } : {});
  const known = rows.filter((row) => row !== undefined);
  return {
    title: status.name,
    jobId: status.id,
    state: status.state,
    generatedAt: null,
    metric: { name: formatMetricName(status.metric), direction: status.direction },
    curveMeaning: describeCurves(spec),
    parameters: listParameters(spec),
    trials: known.map(({ number, state, value, point }): TrialData => ({
      number,
      state,
      value,
      point,
      ...curve(String(number)),
    })),
    budget: status.budget,
    reference: isTrainingJob(spec) ? { value: status.reference, ...curve('reference') } : null,
    confirmations: status.confirmed.map(({ trial, meanGain, interval, gains }) => ({
      number: Number(trial),
      mean: meanGain,
      interval,
      gains: gains.map(({ seedIndex, gain }) => ({ seed: seedIndex, gain })),
    })),
    bFunctions: sampleLayers(spec, rankRows(known, status.direction, 3)),
    importance,
    facts: [],
    reproduce: { jobFile: '', commands: [] },
  };
}

function numbers(values: readonly (number | null)[]): number[] {
  return values.map((value) => value ?? Number.NaN);
}
