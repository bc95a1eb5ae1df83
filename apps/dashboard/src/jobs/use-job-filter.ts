import type { JobQuery } from '@gradsmith/client';
import { jobStates } from '@gradsmith/core/domain';
import { useMemo } from 'react';
import { useAddress } from '../parts/use-address.ts';

/** The filter of the list as texts; empty for none. */
export interface JobFilter {
  readonly name: string;
  readonly label: string;
  readonly state: string;
  readonly sort: string;
}

const LABEL = /^[a-z0-9._-]+(?::|$)/;
const SORT = /^(?:-?(?:createdAt|best|settled|name)|state)$/;
export const NEWEST_FIRST = '-createdAt';
const usual = { name: '', label: '', state: '', sort: NEWEST_FIRST };

/** Reads the filter of the list from the address. */
export function useJobFilter(): {
  readonly filter: JobFilter;
  readonly query: JobQuery;
  readonly setFilter: (changes: Partial<JobFilter>) => void;
} {
  const [filter, setFilter] = useAddress(usual);
  const query = useMemo(() => toQuery(filter), [filter]);
  return { filter, query, setFilter };
}

/** What the service would refuse, such as half of a label, is left out. */
function toQuery({ name, label, state, sort }: JobFilter): JobQuery {
  const query: JobQuery = {};
  if (name) query.name = name;
  if (LABEL.test(label)) query.label = label;
  const known = jobStates.find((one) => one === state);
  if (known) query.state = known;
  if (SORT.test(sort) && sort !== NEWEST_FIRST) query.sort = sort as NonNullable<JobQuery['sort']>;
  return query;
}
