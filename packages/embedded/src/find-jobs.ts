import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { jobStates } from '@gradsmith/core/domain';
import type { FindQuery, FoundJobs, JobFilter, JobOrder, JobPosition, JobSortKey } from '@gradsmith/core/ledger';

/** A condition in SQL with its values. */
interface Condition {
  sql: string;
  values: SQLInputValue[];
}

/** States in their order; none contains another. */
const stateOrder = `instr('${jobStates.join(' ')}', state)`;

const sortColumns: Record<JobSortKey, string> = {
  createdAt: 'created_at',
  name: 'name',
  state: stateOrder,
  best: 'best',
  settled: 'settled',
};

/** Finds jobs in the tables of the index. */
export function findJobs(database: DatabaseSync, { filter, order, limit, after }: FindQuery): FoundJobs {
  const conditions = [{ sql: 'name IS NOT NULL', values: [] }, ...toConditions(filter)];
  const matching = join(conditions);
  const column = sortColumns[order.key];
  const rest = after ? join([...conditions, toRest(column, order, after)]) : matching;
  const direction = order.isDescending ? 'DESC' : 'ASC';
  const isByAge = order.key === 'createdAt';
  const sorting = isByAge
    ? `created_at ${direction}, id ${direction}`
    : `${column} ${direction} NULLS LAST, created_at DESC, id DESC`;
  const rows = database
    .prepare(`SELECT id, created_at, ${column} AS value FROM jobs WHERE ${rest.sql} ORDER BY ${sorting} LIMIT ?`)
    .all(...rest.values, limit);
  const { total } = database
    .prepare(`SELECT count(*) AS total FROM jobs WHERE ${matching.sql}`)
    .get(...matching.values)!;
  const jobs = rows.map(({ id, created_at: createdAt, value }) => ({ id, createdAt, value }) as unknown as JobPosition);
  return { jobs, total: total as number, unnamed: [] };
}

function toConditions({ name, fullName, idStart, state, labels = [] }: JobFilter): Condition[] {
  const conditions = labels.map((label) => ({
    sql: 'id IN (SELECT job FROM job_labels WHERE label = ?)',
    values: [label] as SQLInputValue[],
  }));
  if (name !== undefined) conditions.push({ sql: 'instr(name, ?) > 0', values: [name] });
  if (fullName !== undefined) conditions.push({ sql: 'name = ?', values: [fullName] });
  if (idStart !== undefined) conditions.push({ sql: 'id >= ? AND id < ?', values: [idStart, `${idStart}\u{10ffff}`] });
  if (state !== undefined) conditions.push({ sql: 'state = ?', values: [state] });
  return conditions;
}

/** Returns the condition for the jobs after a position. */
function toRest(column: string, { key, isDescending }: JobOrder, { value, createdAt, id }: JobPosition): Condition {
  if (key === 'createdAt') {
    return { sql: `(created_at, id) ${isDescending ? '<' : '>'} (?, ?)`, values: [createdAt, id] };
  }
  const isOlder = '(created_at, id) < (?, ?)';
  if (value === null) return { sql: `(${column} IS NULL AND ${isOlder})`, values: [createdAt, id] };
  const isBeyond = `${column} ${isDescending ? '<' : '>'} ?`;
  return {
    sql: `(${isBeyond} OR ${column} IS NULL OR (${column} = ? AND ${isOlder}))`,
    values: [value, value, createdAt, id],
  };
}

function join(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(' AND '),
    values: conditions.flatMap(({ values }) => values),
  };
}
