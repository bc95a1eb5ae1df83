// Formats of numbers and times on the page.
import { NoAnswer } from '@gradsmith/client';

export {
  createColumnFormat,
  formatBound,
  formatCount,
  formatInterval,
  formatNumber,
  formatPlural,
  formatSigned,
} from '@gradsmith/charts';

/** Returns `120 ms`, `12 s`, `3 min`, `5 h` or `2 d`: the largest unit with a value of at least 2. */
export function formatDuration(ms: number): string {
  if (ms < 2000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Returns how long ago an ISO 8601 time was. */
export function formatAge(time: string, now: number = Date.now()): string {
  const ms = now - Date.parse(time);
  return ms < 2000 ? 'just now' : `${formatDuration(ms)} ago`;
}

/** Returns the metric's name for people. */
export function formatMetricName(name: string): string {
  return name === 'aulc' ? 'AULC' : name;
}

export function describeError(error: unknown): string {
  if (error instanceof NoAnswer) return 'the service does not answer';
  if (error instanceof TypeError) return 'the service cannot be reached';
  return error instanceof Error ? error.message : String(error);
}
