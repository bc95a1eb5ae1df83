/** One line of the doctor: what was checked, what was found, what to do about it. */
export interface Check {
  name: string;
  /** note: nothing is wrong, but something is missing or could be better. */
  state: 'ok' | 'note' | 'bad';
  found: string;
  /** What to do; undefined if there is nothing to do. */
  remedy?: string | undefined;
}

export function ok(name: string, found: string): Check {
  return { name, state: 'ok', found };
}

export function note(name: string, found: string, remedy?: string): Check {
  return { name, state: 'note', found, remedy };
}

export function bad(name: string, found: string, remedy: string): Check {
  return { name, state: 'bad', found, remedy };
}
