import { formatNumber, isFiniteNumber } from '../text/numbers.ts';
import type { Cell, Frame } from './figure.ts';

/** What ECharts passes to the formatter of a tool tip, or to a listener, as far as figures use it. */
export interface MarkEvent {
  readonly seriesId?: string | undefined;
  readonly seriesName?: string | undefined;
  readonly value?: unknown;
  readonly data?: unknown;
}

/** Returns the number of the trial that a mark of a figure belongs to; null for marks of no trial. */
export function readTrialNumber({ seriesId, value, data }: MarkEvent): number | null {
  if (typeof data === 'object' && data !== null && 'trial' in data) return readNumber(data.trial);
  const named = /^trial:(\d+)/.exec(seriesId ?? '')?.[1];
  if (named !== undefined) return Number(named);
  return readNumber(Array.isArray(value) && seriesId?.startsWith('trials:') ? value[2] : undefined);
}

function readNumber(number: unknown): number | null {
  return isFiniteNumber(number) && Number.isInteger(number) && number >= 0 ? number : null;
}

/** Creates the tool tip of a series, or nothing for a figure without interaction. */
export function createTip(
  { interactive }: Frame,
  describe: (event: MarkEvent) => readonly string[],
): { tooltip?: { formatter: (event: unknown) => string } } {
  if (!interactive) return {};
  return { tooltip: { formatter: (event) => describe(event as MarkEvent).join('\n') } };
}

/** Formats a value of a point. */
export function formatCell(value: Cell | undefined): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'number' ? formatNumber(value) : String(value);
}
