/** Objects and arrays that JSON can hold. */
type Json = unknown;

/** Parts of a JSON pointer (RFC 6901): `/optimizer/rho` → ['optimizer', 'rho']. */
function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * A copy of `root` with `value` at the pointer; what does not lie on the way is shared. @throws RangeError when its
 * parent is missing
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
