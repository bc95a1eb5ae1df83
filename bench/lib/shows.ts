/** A claim that a benchmark checks: a measured value and its target. */
export interface Show {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  /** The target, such as `≥ 9`. */
  readonly target: string;
  /** Null if this run did not measure it. */
  readonly pass: boolean | null;
}

type Bound = readonly ['at most' | 'at least' | 'below', number];

/** @param value null or NaN where there is no measurement */
export function checkClaim(name: string, value: number | null, unit: string, [relation, bound]: Bound): Show {
  const sign = { 'at most': '≤', 'at least': '≥', below: '<' }[relation];
  const known = value !== null && !Number.isNaN(value);
  const pass = known ? isWithin(value, relation, bound) : null;
  return { name, value: known ? value : null, unit, target: `${sign} ${bound}`, pass };
}

function isWithin(value: number, relation: Bound[0], bound: number): boolean {
  if (relation === 'at most') return value <= bound;
  return relation === 'at least' ? value >= bound : value < bound;
}

function describePass(pass: boolean | null): string {
  if (pass === null) return 'not measured';
  return pass ? 'holds' : 'MISSED';
}

/** Formats claims as a table, one per line. */
export function formatShows(shows: readonly Show[]): string {
  const rows = shows.map(({ name, value, unit, target, pass }) => [
    name,
    value === null ? '-' : `${Number(value.toPrecision(4))} ${unit}`.trim(),
    `${target} ${unit}`.trim(),
    describePass(pass),
  ]);
  return formatTable([['claim', 'measured', 'target', ''], ...rows]);
}

/** Aligns columns; the first row heads them. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return lines.join('\n');
}
