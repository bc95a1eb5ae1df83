import { drawBFunctions, drawCurves, describeCurves, formatBound, sampleLayers } from '@gradsmith/charts';
import type { Gradsmith, TrialDetail } from '@gradsmith/client';
import { type TrialResource } from '@gradsmith/contract';
import { getDirection, getMetricName, type JobSpec } from '@gradsmith/core/spec';
import { el, showFigure } from '../dom.ts';
import { describeError, formatNumber, formatMetricName, formatDuration } from '../format.ts';

/** Shows one trial in a dialog: its point, attempts, metrics, loss curve and b-functions. */
export async function showTrial(api: Gradsmith, spec: JobSpec, id: string, number: number): Promise<void> {
  const content = el('div', {}, 'Reading…');
  const dialog = el(
    'dialog',
    { 'aria-label': `Trial ${number}`, onclose: () => dialog.remove() },
    el(
      'div',
      { class: 'bar' },
      el('h2', {}, `Trial ${number}`),
      el('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
    ),
    content,
  );
  document.body.append(dialog);
  dialog.showModal();
  try {
    content.replaceChildren(...createSections(spec, await api.trial(id, String(number))));
  } catch (error) {
    content.replaceChildren(el('p', { class: 'message' }, describeError(error)));
  }
}

const sources: Record<TrialDetail['source'], string> = {
  initial: 'the initial design',
  model: 'the model',
  fallback: 'a random point instead of the model',
  enqueued: 'a client',
  fixed: 'the job',
};

function createSections(spec: JobSpec, trial: TrialDetail): HTMLElement[] {
  const write = (value: string | number | boolean): string =>
    typeof value === 'number' ? formatNumber(value) : String(value);
  const facts: [string, string][] = [
    ['State', trial.reason ? `${trial.state}: ${trial.reason}` : trial.state],
    [formatMetricName(getMetricName(spec)), formatBound(trial, getDirection(spec))],
    ['Point from', trial.fallback ? `${sources[trial.source]}: ${trial.fallback}` : sources[trial.source]],
    ['Seed', String(trial.seed)],
  ];
  const point = Object.entries(trial.point).map(([name, value]): [string, string] => [name, write(value)]);
  const metrics = Object.entries(trial.metrics).map(([name, value]): [string, string] => [name, formatNumber(value)]);
  const row = {
    number: trial.number!,
    state: trial.state,
    value: trial.value,
    point: trial.point,
    source: trial.source,
    attempts: 0,
    reason: null,
    startedAt: null,
    finishedAt: null,
  };
  return [
    el(
      'div',
      { class: 'columns' },
      el('div', {}, createFactList(facts), el('h3', {}, 'Point'), createFactList(point)),
      metrics.length ? el('div', {}, el('h3', {}, 'Measured'), createFactList(metrics)) : null,
    ),
    ...sampleLayers(spec, [row]).map((layer) =>
      createFigure(drawBFunctions(layer, { id: `detail-${layer.layer}`, height: 260 })),
    ),
    ...createCurveFigure(spec, trial),
    createAttemptTable(trial),
  ];
}

/** Returns the figure of the trial's curve in a list, which is empty if there is no curve. */
function createCurveFigure(spec: JobSpec, trial: TrialDetail): HTMLElement[] {
  const values = trial.curve.length ? trial.curve : listReported(trial);
  if (!values.length) return [];
  const trials = [{ name: `trial ${trial.number}`, values }];
  const data = { meaning: describeCurves(spec), trials, reference: null };
  return [createFigure(drawCurves(data, { id: 'detail-curve', height: 260 }))];
}

/** Steps of a curve that is put together from reports, at most. */
const MAX_STEPS = 100_000;

/** Returns the curve of a trial without a result: what its last attempt with reports has reported. */
function listReported({ attempts }: TrialDetail): number[] {
  const { values = [], losses = [] } = attempts.findLast((one) => one.values.length || one.losses.length) ?? {};
  if (!losses.length || losses.at(-1)!.step > MAX_STEPS) return values.map(({ value }) => value);
  // Each loss is the mean of the steps since the one before.
  return losses.flatMap(({ step, value }, i) => Array.from({ length: step - (losses[i - 1]?.step ?? 0) }, () => value));
}

function createFactList(facts: readonly (readonly [string, string])[]): HTMLElement {
  return el('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function createFigure(svg: string): HTMLElement {
  const figure = el('figure');
  showFigure(figure, svg);
  return figure;
}

function createAttemptTable({ attempts }: TrialResource): HTMLElement {
  const rows = attempts.map(({ worker, outcome, reason, startedAt, finishedAt }) =>
    el(
      'tr',
      {},
      ...[
        worker,
        outcome,
        formatDuration((finishedAt ? Date.parse(finishedAt) : Date.now()) - Date.parse(startedAt)),
        reason ?? '',
      ].map((text) => el('td', {}, text)),
    ),
  );
  return el(
    'div',
    { class: 'wide' },
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el('tr', {}, ...['Worker', 'Outcome', 'Took', 'Reason'].map((head) => el('th', { scope: 'col' }, head))),
      ),
      el('tbody', {}, ...rows),
    ),
  );
}
