import { describeLabelProblem } from '@gradsmith/core/domain';

type Labels = Readonly<Record<string, string>>;

/** Writes labels one a line: `team: vision`, or `baseline` for a label without a value. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => formatLabel(key, value))
    .join('\n');
}

/** Writes a label as it is read: `team: vision`, or `baseline` without a value. */
export function formatLabel(key: string, value: string): string {
  return value ? `${key}: ${value}` : key;
}

/** Returns the changes that make the labels those of a text with one a line; null removes a label. */
export function changeLabels(before: Labels, text: string): Record<string, string | null> {
  // A map, because a key can have any name.
  const changes = new Map<string, string | null>(Object.keys(before).map((key) => [key, null]));
  for (const line of text.split('\n')) {
    if (!line.trim()) continue;
    const [key, value] = parseLabel(line);
    changes.set(key, value);
  }
  return Object.fromEntries(changes);
}

/** Reads a change of one label: `team: vision`, `baseline`, or `-team`, which removes it. */
export function parseLabelChange(text: string): Record<string, string | null> {
  const trimmed = text.trim();
  if (trimmed.startsWith('-')) return { [trimmed.slice(1).trim()]: null };
  return Object.fromEntries([parseLabel(trimmed)]);
}

/** Returns what is wrong with a key or a value, by the rules of the service, or null. */
export function describeLabelFault(changes: Readonly<Record<string, string | null>>): string | null {
  for (const [key, value] of Object.entries(changes)) {
    const problem = describeLabelProblem(key, value ?? '');
    if (problem !== null) return problem;
  }
  return null;
}

function parseLabel(text: string): [key: string, value: string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text.trim(), ''] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}
