import type { ImportanceData } from '@gradsmith/charts';
import { type JobStatus } from '@gradsmith/contract';
import { computeGain } from '@gradsmith/core/domain';
import { isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import { stringify } from 'yaml';
import { el, setText } from '../dom.ts';
import { formatMetricName } from '../format.ts';
import { Actions } from '../job/actions.ts';
import { showTrial } from '../job/detail.ts';
import { Figures, SHOWN } from '../job/figures.ts';
import { rankRows, listParameters, toReportData } from '../job/report.ts';
import { TrialStore } from '../job/store.ts';
import { Summary } from '../job/summary.ts';
import { TrialTable } from '../job/table.ts';
import { poll } from '../poll.ts';
import { createStateBadge, updateState } from '../widgets.ts';
import type { PageContext } from './context.ts';

const POLL_MS = 1_000;
/** With many trials, figures are drawn again only this often, ms. */
const REDRAW_MS = 5_000;
const MANY = 5_000;
/**
 * The service fits a model for the importance of the parameters, so the page reads it when the job has finished, and
 * before that only this often, ms.
 */
const IMPORTANCE_MS = 30_000;

/** Shows one job and keeps it up to date: its status each second, its trials as they change. */
export function jobPage(context: PageContext, id: string): void {
  const { api, root, signal, onOutcome } = context;
  const badge = createStateBadge();
  const heading = el('h1', {}, id);
  const page = new JobView(context, id, () => polling.now());
  root.append(el('div', { class: 'bar' }, heading, badge, page.actions.element), page.element);

  let etag: string | null = null;
  const polling = poll(
    async (pollSignal) => {
      const spec = (page.spec ??= (await api.job(id, pollSignal)).spec);
      const answer = await api.statusIfChanged(id, etag, pollSignal);
      if (answer) {
        setText(heading, answer.status.name);
        document.title = `${answer.status.name}: Gradsmith`;
        updateState(badge, answer.status.state);
      }
      await page.refresh(spec, answer?.status ?? null, pollSignal);
      // Set last, so that a refresh that failed halfway is repeated.
      if (answer) etag = answer.etag;
    },
    { everyMs: POLL_MS, signal, onOutcome },
  );
}

/** The parts of the page and their data. */
class JobView {
  readonly element = el('div');
  readonly actions: Actions;
  spec: JobSpec | null = null;
  readonly #context: PageContext;
  readonly #id: string;
  readonly #store = new TrialStore();
  readonly #curves = new Map<string, readonly number[]>();
  readonly #summary = new Summary();
  readonly #figures = new Figures();
  readonly #file = el('pre', {}, el('code'));
  #table: TrialTable | null = null;
  #status: JobStatus | null = null;
  #importance: readonly ImportanceData[] = [];
  #importanceReadAt = -Infinity;
  #drawnAt = -Infinity;
  #isOutdated = true;

  constructor(context: PageContext, id: string, onChanged: () => void) {
    this.#context = context;
    this.#id = id;
    this.actions = new Actions({
      api: context.api,
      id,
      onChanged,
      onAction: context.onAction,
      onCopy: () => {
        context.draft.text = this.spec && stringify(this.spec);
        location.assign('#/new');
      },
    });
    this.element.append(this.#summary.element, this.#figures.element);
  }

  async refresh(spec: JobSpec, status: JobStatus | null, signal: AbortSignal): Promise<void> {
    if (!this.#table) this.#createTable(spec, status!);
    if (status) {
      this.#status = status;
      this.actions.update(status);
    }
    // Also without a change, because both show durations.
    this.#summary.update(this.#status!, spec.objective.kind === 'external');
    this.#table!.redraw();
    if (status || this.#store.isBehind(this.#status!)) {
      await this.#store.refresh(this.#context.api, this.#status!, signal, () => this.#show(spec));
      await this.#readCurves(signal);
      this.#isOutdated = true;
    }
    if (this.#isOutdated && !signal.aborted) this.#show(spec);
    // Last, because it may take the service some time, and everything else is shown without it.
    if (status && (await this.#readImportance(signal)) && !signal.aborted) this.#show(spec);
  }

  #createTable(spec: JobSpec, { metric, direction }: JobStatus): void {
    const free = listParameters(spec)
      .filter(({ type }) => type !== 'constant')
      .map(({ name }) => name);
    this.#table = new TrialTable({
      parameters: free,
      metric: formatMetricName(metric),
      direction,
      hasGains: isTrainingJob(spec),
      onOpen: (number) => void showTrial(this.#context.api, spec, this.#id, number),
    });
    setText(this.#file.firstElementChild!, stringify(spec));
    this.element.append(this.#table.element, el('details', {}, el('summary', {}, 'Job file'), this.#file));
  }

  #show(spec: JobSpec): void {
    const status = this.#status!;
    const { reference, direction } = status;
    const { rows } = this.#store;
    this.#table!.update(rows, (value) => (reference === null ? null : computeGain(reference, value, direction)));
    const now = performance.now();
    if (rows.length > MANY && now - this.#drawnAt < REDRAW_MS) return;
    const data = toReportData({ spec, status, rows, curves: this.#curves, importance: this.#importance });
    this.#summary.showVerdict(data);
    this.#figures.draw(data, this.#curves);
    this.#drawnAt = now;
    this.#isOutdated = false;
  }

  /** Returns whether the importance was read. */
  async #readImportance(signal: AbortSignal): Promise<boolean> {
    const { phase, counts } = this.#status!;
    const now = performance.now();
    if (!counts.complete || (phase !== 'finished' && now - this.#importanceReadAt < IMPORTANCE_MS)) return false;
    this.#importanceReadAt = now;
    const items = await this.#context.api.importance(this.#id, signal);
    this.#importance = items.map(({ name, total }) => ({ name, share: total }));
    return true;
  }

  /** Reads the curves of the best trials and of the reference, each once. */
  async #readCurves(signal: AbortSignal): Promise<void> {
    const { reference, direction } = this.#status!;
    const shown = rankRows(this.#store.rows, direction, SHOWN).map(({ number }) => String(number));
    if (reference !== null) shown.push('reference');
    for (const trial of shown) {
      if (!this.#curves.has(trial))
        this.#curves.set(trial, (await this.#context.api.trial(this.#id, trial, signal)).curve);
    }
  }
}
