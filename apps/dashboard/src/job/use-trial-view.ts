import { useMemo } from 'react';
import { useAddress } from '../parts/use-address.ts';
import type { TrialColumn } from './trial-columns.ts';

/** The column by which the trials are sorted. */
export interface TrialOrder {
  readonly id: string;
  readonly desc: boolean;
}

/** What the trial table shows, and in which order. */
export interface TrialView {
  readonly state: string;
  readonly conditions: string;
  readonly visible: readonly TrialColumn[];
  readonly order: TrialOrder;
  readonly setState: (state: string) => void;
  readonly setConditions: (conditions: string) => void;
  readonly setOrder: (order: TrialOrder) => void;
  /** Shows the column, or hides it. */
  readonly toggle: (id: string) => void;
}

const usual = { state: '', where: '', sort: '-trial', columns: '' };

/** Keeps the view of the trial table in the address, where a visit to a trial does not lose it. */
export function useTrialView(columns: readonly TrialColumn[]): TrialView {
  const [{ state, where, sort, columns: list }, change] = useAddress(usual);
  const changed = useMemo(() => list.split(',').filter(Boolean).map(decode), [list]);
  const visible = useMemo(
    () => columns.filter(({ id, isShown }) => isShown !== changed.includes(id)),
    [columns, changed],
  );
  const order = useMemo(() => readOrder(sort, columns), [sort, columns]);
  return {
    state,
    conditions: where,
    visible,
    order,
    setState: (next) => change({ state: next }),
    setConditions: (next) => change({ where: next }),
    setOrder: ({ id, desc }) => change({ sort: `${desc ? '-' : ''}${id}` }),
    toggle: (id) => {
      const others = changed.filter((one) => one !== id);
      const next = others.length < changed.length ? others : [...changed, id];
      change({ columns: next.map(encodeURIComponent).join(',') });
    },
  };
}

/** An address that was written by hand can have anything. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An address of another job can name a column that this one does not have. */
function readOrder(sort: string, columns: readonly TrialColumn[]): TrialOrder {
  const desc = sort.startsWith('-');
  const id = desc ? sort.slice(1) : sort;
  return columns.some((column) => column.id === id) ? { id, desc } : { id: 'trial', desc: true };
}
