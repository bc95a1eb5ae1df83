import { readValue } from '@gradsmith/charts';
import type { TrialRow } from '../data/trial-rows.ts';

const CONDITION = /^(?<name>.+?)\s*(?<sign><=|>=|!=|=|<|>)\s*(?<value>.+)$/;

type Test = (row: TrialRow) => boolean;

export interface ParsedFilter {
  readonly test: Test;
  /** The first condition that cannot be read; null if all can. */
  readonly fault: string | null;
}

/**
 * Reads conditions on values and parameters, separated by commas: `value < 1.7, depth >= 3, criterion = gini`.
 *
 * @param metric another name of `value`
 */
export function parseTrialFilter(text: string, metric: string, parameters: readonly string[]): ParsedFilter {
  const tests: Test[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    if (!part) continue;
    const { name = '', sign = '', value = '' } = CONDITION.exec(part)?.groups ?? {};
    const read = chooseReader(name, metric, parameters);
    if (!read) return { test: () => true, fault: part };
    tests.push((row) => compare(read(row), sign, value));
  }
  return { test: (row) => tests.every((test) => test(row)), fault: null };
}

type Read = (row: TrialRow) => string | number | boolean | null | undefined;

function chooseReader(name: string, metric: string, parameters: readonly string[]): Read | null {
  if (parameters.includes(name)) return ({ point }) => readValue(point, name);
  const key = name.toLowerCase();
  if (key === 'value' || key === metric.toLowerCase()) return ({ value }) => value;
  const readers: Record<string, Read> = {
    trial: ({ number }) => number,
    source: ({ source }) => source,
    worker: ({ worker }) => worker,
    attempts: ({ attempts }) => attempts,
  };
  return Object.hasOwn(readers, key) ? readers[key]! : null;
}

function compare(found: ReturnType<Read>, sign: string, wanted: string): boolean {
  if (found === null || found === undefined) return false;
  if (sign === '=') return String(found) === wanted || Number(found) === Number(wanted);
  if (sign === '!=') return String(found) !== wanted && Number(found) !== Number(wanted);
  const [a, b] = [Number(found), Number(wanted)];
  if (sign === '<') return a < b;
  if (sign === '<=') return a <= b;
  return sign === '>' ? a > b : a >= b;
}
