import type { JobQuery } from '@gradsmith/client';
import { jobStates } from '@gradsmith/core/domain';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';

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

/** Reads the filter of the list from the address, so that it can be shared and outlives a visit to a job. */
export function useJobFilter(): {
  readonly filter: JobFilter;
  readonly query: JobQuery;
  readonly setFilter: (changes: Partial<JobFilter>) => void;
} {
  const [params, setParams] = useSearchParams();
  const read = (name: string): string => params.get(name) ?? '';
  const [name, label, state, sort] = [read('name'), read('label'), read('state'), read('sort') || NEWEST_FIRST];
  const filter = useMemo(() => ({ name, label, state, sort }), [name, label, state, sort]);
  const query = useMemo(() => toQuery(filter), [filter]);
  const setFilter = (changes: Partial<JobFilter>): void =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [key, value] of Object.entries(changes)) {
          if (value && value !== NEWEST_FIRST) after.set(key, value);
          else after.delete(key);
        }
        return after;
      },
      { replace: true },
    );
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
