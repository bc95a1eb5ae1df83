import { formatNumber } from '@gradsmith/charts/numbers';

// The report and the dashboard write numbers in the same way.
export { formatNumber, formatPlural, formatSigned, formatTrialValue } from '@gradsmith/charts/numbers';

/** Replaces the minus sign of printed numbers, U+2212, by the one that programs read. */
export function replaceMinus(text: string): string {
  return text.replaceAll('\u2212', '-');
}

/** Returns `0.4 s`, `12 s`, `3m 20s`, `2h 5m` or `3d 4h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 600) return `${Math.floor(seconds / 60)}m ${Math.floor(seconds % 60)}s`;
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** Returns `0 B`, `1.5 kB` or `170 MB`. */
export function formatBytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = count > 0 ? Math.min(units.length - 1, Math.floor(Math.log10(count) / 3)) : 0;
  return `${Number((count / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

/** Returns a point as `name=value name=value`. */
export function describePoint(point: Readonly<Record<string, number | string | boolean>>): string {
  return Object.entries(point)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? formatNumber(value) : value}`)
    .join(' ');
}
