// Formats of numbers and times on the page.
import { formatInterval, formatNumber, formatSigned } from '@gradsmith/charts/numbers';
import type { JobSummary } from '@gradsmith/contract';
import { classifyInterval } from '@gradsmith/core/domain';

export { formatMetricName } from '@gradsmith/charts/metric-name';
export {
  createColumnFormat,
  formatCount,
  formatInterval,
  formatNonzero,
  formatNumber,
  formatPlural,
  formatSigned,
  formatTrialValue,
} from '@gradsmith/charts/numbers';

/** Returns `120 ms`, `1.7 s`, `12 s`, `3 min`, `5 h` or `2 d`. From a minute on, the unit has a value of at least 2. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9950) return `${Number((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Returns an estimate of the time that is left as a duration. One of less than two seconds says no more than that. */
export function formatTimeLeft(ms: number): string {
  return formatDuration(Math.max(2_000, ms));
}

/** Returns a mean time with two digits where it is short: `3.2 ms`, otherwise as a duration. */
export function formatMeanTime(ms: number): string {
  return ms < 100 ? `${formatNumber(Number(ms.toPrecision(2)))} ms` : formatDuration(ms);
}

/** Returns `512 MiB` or `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** Returns how long ago an ISO 8601 time was. */
export function formatAge(time: string, now: number): string {
  const ms = now - Date.parse(time);
  return ms < 2000 ? 'just now' : `${formatDuration(1000 * Math.round(ms / 1000))} ago`;
}

/** Returns an ISO 8601 time in the user's time zone, to the minute. */
export function formatTime(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Returns a value of a parameter for people. */
export function formatValue(value: string | number | boolean | undefined, format: (value: number) => string): string {
  if (value === undefined) return '–';
  return typeof value === 'number' ? format(value) : String(value);
}

const meanings = { better: 'confirmed', worse: 'worse', unclear: 'not confirmed' } as const;

/**
 * Returns the mean gain under fresh seeds with its 95 % interval, and whether the interval excludes 0.
 *
 * @param hasReference whether the reference of the search has a value. If it diverged or failed, a summary does not say
 *   what the gain means; the page of the job does
 */
export function describeConfirmed(
  { mean, interval }: NonNullable<JobSummary['confirmedGain']>,
  hasReference = true,
): string {
  if (!interval) return `on one fresh seed ${formatSigned(mean)}`;
  const texts = formatInterval(mean, interval);
  if (!hasReference) return `${formatSigned(mean, texts.mean)} ${bracket(texts)}, reference not complete`;
  return `${meanings[classifyInterval(interval)]} ${formatSigned(mean, texts.mean)} ${bracket(texts)}`;
}

/** Writes an interval that is never broken into two lines. */
function bracket({ low, high }: { readonly low: string; readonly high: string }): string {
  return `[${low},\u00a0${high}]`;
}
