type Labels = Readonly<Record<string, string>>;

/** Writes labels one a line: `team: vision`, or `baseline` for a label without a value. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => (value ? `${key}: ${value}` : key))
    .join('\n');
}

/** Returns the changes that make the labels those of a text with one a line; null removes a label. */
export function changeLabels(before: Labels, text: string): Record<string, string | null> {
  const changes: Record<string, string | null> = Object.fromEntries(Object.keys(before).map((key) => [key, null]));
  for (const part of text.split('\n').map((one) => one.trim())) {
    if (!part) continue;
    const colon = part.indexOf(':');
    const key = colon < 0 ? part : part.slice(0, colon).trim();
    changes[key] = colon < 0 ? '' : part.slice(colon + 1).trim();
  }
  return changes;
}
