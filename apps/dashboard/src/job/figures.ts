import {
  drawBFunctions,
  drawConfirmations,
  drawImportance,
  drawCurves,
  type ReportData,
  drawSearch,
  drawSlices,
} from '@gradsmith/charts';
import { el, showFigure } from '../dom.ts';
import { rankRows, type Curves } from './report.ts';
import type { TrialRow } from './store.ts';

/** On pages narrower than this, px, figures have the width of the page, so that their text stays readable. */
const NARROW = 600;

/** Number of best trials whose curves are shown. */
export const SHOWN = 3;

/** The figures of a job under their headings. Each appears once there is data for it. */
export class Figures {
  readonly element = el('div', { class: 'figures' });
  readonly #places = new Map<string, HTMLElement>();

  draw(data: ReportData, curves: Curves): void {
    const best = rankRows(data.trials as readonly TrialRow[], data.metric.direction, SHOWN);
    const losses = best.flatMap(({ number }) => {
      const values = curves.get(String(number));
      return values?.length ? [{ name: `trial ${number}`, values }] : [];
    });
    const width = this.element.clientWidth;
    const options = width > 0 && width < NARROW ? { width } : {};
    const reference = data.reference?.curve?.length
      ? { name: data.reference.label, values: data.reference.curve }
      : null;
    const settled = data.trials.some(({ state }) => state !== 'pending' && state !== 'running');
    // The order of the calls is the order on the page, also for figures that come later.
    let order = 0;
    const show = (heading: string, svg: string | null): void => this.#show(heading, svg, order++);
    show('The search', settled || !data.trials.length ? drawSearch(data, options) : null);
    for (const layer of data.bFunctions)
      show(`b-functions of ${layer.layer}`, drawBFunctions(layer, { ...options, id: `b-function-${layer.layer}` }));
    const meaning = data.curveMeaning;
    show(
      meaning.cap === null ? 'Reported values by step' : 'Loss over training',
      losses.length || reference ? drawCurves({ meaning, trials: losses, reference }, options) : null,
    );
    show('Confirmed on fresh seeds', data.confirmations.length ? drawConfirmations(data, options) : null);
    show('Importance of the parameters', data.importance?.length ? drawImportance(data.importance, options) : null);
    show('Value by parameter', best.length ? drawSlices(data, options) : null);
  }

  #show(heading: string, svg: string | null, order: number): void {
    const known = this.#places.get(heading);
    if (svg === null) {
      known?.parentElement?.remove();
      this.#places.delete(heading);
      return;
    }
    const place = known ?? el('figure');
    if (!known) {
      const after = Array.from(this.element.children).find(
        (section) => Number((section as HTMLElement).dataset['order']) > order,
      );
      this.element.insertBefore(el('section', { 'data-order': order }, el('h2', {}, heading), place), after ?? null);
      this.#places.set(heading, place);
    }
    showFigure(place, svg);
  }
}
