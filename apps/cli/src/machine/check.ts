/** One line of the doctor: what was looked at, what was found, what to do about it. */
export interface Check {
  name: string;
  /** note: nothing is wrong, but something could be better or is not there. */
  state: 'ok' | 'note' | 'bad';
  found: string;
  /** Only where something is to be done. */
  remedy?: string;
}

export function ok(name: string, found: string): Check {
  return { name, state: 'ok', found };
}

export function note(name: string, found: string, remedy?: string): Check {
  return { name, state: 'note', found, ...(remedy ? { remedy } : {}) };
}

export function bad(name: string, found: string, remedy: string): Check {
  return { name, state: 'bad', found, remedy };
}
