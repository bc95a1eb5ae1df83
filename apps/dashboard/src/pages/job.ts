import type { ImportanceData } from '@gradsmith/charts';
import { type JobStatus } from '@gradsmith/contract';
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
 * The service fits a model for the importance of the parameters, so it is asked for at the end, and between only this
 * often, ms.
 */
const IMPORTANCE_MS = 30_000;

/** One job, kept up to date: status each second, trials as they change. */
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
      // Only now: a refresh that failed half way must be tried again.
      if (answer) etag = answer.etag;
    },
    { everyMs: POLL_MS, signal, onOutcome },
  );
}

/** The page's parts and what they are filled from. */
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
  #askedAt = -Infinity;
  #drawnAt = -Infinity;
  #undrawn = true;

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
    if (!this.#table) this.#begin(spec, status!);
    if (status) {
      this.#status = status;
      this.actions.update(status);
    }
    // Changed or not: both tell how long things have taken and will take.
    this.#summary.update(this.#status!, isTrainingJob(spec));
    this.#table!.redraw();
    if (status || this.#store.doubtful) {
      await this.#store.refresh(this.#context.api, this.#status!, signal, () => this.#show(spec));
      await this.#readCurves(signal);
      this.#undrawn = true;
    }
    if (this.#undrawn && !signal.aborted) this.#show(spec);
    // Last: it may take the service a while, and everything else is there without it.
    if (status && (await this.#readImportance(signal)) && !signal.aborted) this.#show(spec);
  }

  #begin(spec: JobSpec, { metric, direction }: JobStatus): void {
    const free = listParameters(spec)
      .filter(({ type }) => type !== 'constant')
      .map(({ name }) => name);
    this.#table = new TrialTable({
      parameters: free,
      metric: formatMetricName(metric),
      direction,
      gains: isTrainingJob(spec),
      onOpen: (number) => void showTrial(this.#context.api, spec, this.#id, number),
    });
    setText(this.#file.firstElementChild!, stringify(spec));
    this.element.append(this.#table.element, el('details', {}, el('summary', {}, 'Job file'), this.#file));
  }

  #show(spec: JobSpec): void {
    const status = this.#status!;
    const { rows } = this.#store;
    this.#table!.update(rows, (value) =>
      status.reference === null
        ? null
        : status.direction === 'minimize'
          ? status.reference - value
          : value - status.reference,
    );
    const now = performance.now();
    if (rows.length > MANY && now - this.#drawnAt < REDRAW_MS) return;
    const data = toReportData(spec, status, rows, this.#curves, this.#importance);
    this.#summary.judge(data);
    this.#figures.draw(data, this.#curves);
    this.#drawnAt = now;
    this.#undrawn = false;
  }

  /** Answers whether it was asked for. */
  async #readImportance(signal: AbortSignal): Promise<boolean> {
    const { phase, counts } = this.#status!;
    const now = performance.now();
    if (!counts.complete || (phase !== 'finished' && now - this.#askedAt < IMPORTANCE_MS)) return false;
    this.#askedAt = now;
    const items = await this.#context.api.importance(this.#id, signal);
    this.#importance = items.map(({ name, total }) => ({ name, share: total }));
    return true;
  }

  /** Curves of the best trials and of the reference: each is read once, when it is there. */
  async #readCurves(signal: AbortSignal): Promise<void> {
    const { reference, direction } = this.#status!;
    const wanted = [
      ...rankRows(this.#store.rows, direction, SHOWN).map(({ number }) => String(number)),
      ...(reference === null ? [] : ['reference']),
    ];
    for (const trial of wanted) {
      if (!this.#curves.has(trial))
        this.#curves.set(trial, (await this.#context.api.trial(this.#id, trial, signal)).curve);
    }
  }
}
