import type { JobPage, JobSummary } from '@gradsmith/contract';
import { selectJobs, type IndexedJob, type JobSortKey } from '@gradsmith/core/ledger';
import { describe, expect, test } from 'vitest';
import { findJob } from '../src/hosts/find-job.ts';
import type { Host, JobQuery } from '../src/hosts/host.ts';
import { parsePoint } from '../src/parse-point.ts';

const makeId = (n: number, prefix = ''): string => `job_${prefix}${String(n).padStart(20 - prefix.length, '0')}`;

/** A host with jobs, newest first, which filters as a service does. No call returns more than a few jobs. */
function makeHost(jobs: readonly Pick<JobSummary, 'id' | 'name'>[]): Host {
  const indexed = jobs.map((job, i): IndexedJob => {
    return { ...job, createdAt: -i, labels: {}, state: 'running', settled: 0, best: null };
  });
  const list = async ({ limit, sort = '-createdAt', ...filter }: JobQuery): Promise<JobPage> => {
    expect(limit).toBeLessThanOrEqual(5);
    const order = { key: sort.replace('-', '') as JobSortKey, isDescending: sort.startsWith('-') };
    const found = selectJobs(indexed, { filter, order, limit });
    const items = found.jobs.map(({ id }) => jobs.find((job) => job.id === id) as JobSummary);
    return { items, next: null, total: found.total, unreadable: [] };
  };
  return { name: 'here', list } as Partial<Host> as Host;
}

const many = Array.from({ length: 3_000 }, (_, n) => ({ id: makeId(n), name: `sweep-${n}` }));
const host = makeHost([
  { id: makeId(1, 'abc'), name: 'two-gaussians' },
  { id: makeId(2, 'abd'), name: 'mnist-rate' },
  ...many,
  { id: makeId(3, 'fee'), name: 'two-gaussians' },
  { id: makeId(4, 'fed'), name: 'old-sweep' },
]);

describe('finds a job among thousands', () => {
  test.each([
    ['nothing: the newest', undefined, makeId(1, 'abc')],
    ['its whole id', makeId(7, '123'), makeId(7, '123')],
    // An imported job keeps its id, which may have any letter.
    ['the whole id of a job that is not in the list', makeId(7, 'xyz'), makeId(7, 'xyz')],
    ['its name: the newest', 'two-gaussians', makeId(1, 'abc')],
    ['the name of an old job', 'old-sweep', makeId(4, 'fed')],
    ['a name that others begin with', 'sweep-29', makeId(29)],
    ['the beginning of its id', 'job_abd', makeId(2, 'abd')],
    ['the beginning of the id of an old job, without job_', 'fee', makeId(3, 'fee')],
    ['a part of one name', 'gauss', makeId(1, 'abc')],
  ])('by %s', async (_, meant, id) => {
    expect(await findJob(host, meant)).toBe(id);
  });

  test('and lists what may be meant', async () => {
    await expect(findJob(host, 'sweep')).rejects.toThrow(
      /sweep may mean several jobs of here.[^]*sweep-0 [^]*sweep-1 /,
    );
    await expect(findJob(host, 'job_ab')).rejects.toThrow(/job_ab may mean several[^]*two-gaussians[^]*mnist-rate/);
    await expect(findJob(host, 'none/such')).rejects.toThrow(/here has no job none\/such/);
    await expect(findJob(host, 'fe')).rejects.toThrow(/here has no job fe\./);
    await expect(findJob(makeHost([]), 'x')).rejects.toThrow('there are no jobs in here yet');
  });
});

test('reads a point by the types of its parameters', () => {
  const space = {
    rate: { type: 'float' },
    layers: { type: 'categorical', choices: [1, 'two', true] },
    fixed: { type: 'constant', value: '3' },
  };
  expect(parsePoint(['rate=1e-3', 'layers=true', 'fixed=3', 'other=a=b'], space)).toEqual({
    rate: 0.001,
    layers: true,
    fixed: '3',
    other: 'a=b',
  });
  expect(() => parsePoint(['rate'], space)).toThrow('rate is not a value of a point: write NAME=VALUE');
  expect(() => parsePoint(['rate=1', 'rate=2'], space)).toThrow('rate is not a value of a point: it is given twice');
});

test('reads the numbers that gradsmith prints, and says how to write one with commas', () => {
  const space = {
    rate: { type: 'float' },
    width: { type: 'int' },
    size: { type: 'categorical', choices: [1_000, -0.5] },
    list: { type: 'categorical', choices: ['a', '1,000'] },
  };
  expect(parsePoint(['rate=2.819e\u22125', 'width=\u22127', 'size=\u22120.5', 'list=1,000'], space)).toEqual({
    rate: 2.819e-5,
    width: -7,
    size: -0.5,
    list: '1,000',
  });
  const refused = (text: string) => expect(() => parsePoint([text], space));
  refused('rate=2,920').toThrow('rate=2,920 is not a value of a point: 2,920 has a comma; write 2920 or 2.920');
  refused('width=\u22121,234,567').toThrow('\u22121,234,567 has a comma; write -1234567');
  refused('rate=0,5').toThrow('0,5 has a comma; write 0.5');
  refused('rate=2,920.5').toThrow('2,920.5 has a comma; write 2920.5');
  refused('size=1,000').toThrow('1,000 has a comma; write 1000 or 1.000');
});
