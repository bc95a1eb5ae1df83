/** Objects and arrays that JSON can hold. */
type Json = unknown;

/** Returns a path as a JSON pointer (RFC 6901): `['optimizer', 'rho']` → `/optimizer/rho`. */
export function formatPointer(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Returns the parts of a JSON pointer: `/optimizer/rho` → `['optimizer', 'rho']`. */
export function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * Returns a copy of `root` with `value` at the pointer. Everything that is not on the path is shared.
 *
 * @throws RangeError if the parent is missing
 */
export function setAtPointer<T>(root: T, pointer: string, value: Json): T {
  const set = (node: Json, parts: readonly string[]): Json => {
    if (parts.length === 0) return value;
    if (typeof node !== 'object' || node === null) throw new RangeError(`nothing at ${pointer}`);
    const [head, ...rest] = parts as [string, ...string[]];
    const copy = (Array.isArray(node) ? [...(node as Json[])] : { ...node }) as Record<string, Json>;
    copy[head] = set(copy[head], rest);
    return copy;
  };
  return set(root, parsePointer(pointer)) as T;
}
