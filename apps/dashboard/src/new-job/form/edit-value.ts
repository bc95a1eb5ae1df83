/** The names and list indices that lead to a value of a job. */
export type Path = readonly (string | number)[];

type Fields = Readonly<Record<string, unknown>>;

/** Whether a value can be written at the path: each value on the way is of the right kind, or empty. */
export function canHold(job: unknown, [part, ...rest]: Path): boolean {
  if (part === undefined) return true;
  if (isEmpty(job)) return (typeof part === 'string' || part === 0) && canHold(undefined, rest);
  if (typeof part === 'number') return Array.isArray(job) && part <= job.length && canHold(job[part], rest);
  return isFields(job) && canHold(readField(job, part), rest);
}

export function hasField(job: unknown, [part, ...rest]: Path): boolean {
  if (part === undefined) return true;
  if (typeof part === 'number') return Array.isArray(job) && part < job.length && hasField(job[part], rest);
  return isFields(job) && Object.hasOwn(job, part) && hasField(job[part], rest);
}

/**
 * Returns a copy with the value at a path that `canHold` allows.
 *
 * @param value undefined removes the field, and the maps that are empty without it, except for items of lists
 */
export function writeValue(job: unknown, [part, ...rest]: Path, value: unknown): unknown {
  if (part === undefined) return value;
  if (typeof part === 'number') {
    const items: readonly unknown[] = Array.isArray(job) ? job : [];
    const item = writeValue(items[part], rest, value);
    const added = item === undefined && rest.length ? [{}] : [item].filter((one) => one !== undefined);
    return [...items.slice(0, part), ...added, ...items.slice(part + 1)];
  }
  const fields = isFields(job) ? job : {};
  const inner = writeValue(readField(fields, part), rest, value);
  if (inner !== undefined) return { ...fields, [part]: inner };
  const others = Object.entries(fields).filter(([name]) => name !== part);
  return others.length ? Object.fromEntries(others) : undefined;
}

/** Returns a copy in which a field that exists has another name, at the same place. */
export function renameField(job: unknown, path: Path, name: string): unknown {
  const map = path.slice(0, -1);
  const fields = map.reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], job) as Fields;
  const renamed = Object.entries(fields).map(([key, value]) => [key === path.at(-1) ? name : key, value] as const);
  return writeValue(job, map, Object.fromEntries(renamed));
}

/** Whether a value says nothing, so that a map or a list can take its place. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readField(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
