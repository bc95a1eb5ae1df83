import { InvalidArgumentError } from 'commander';
import { replaceMinus } from './text/numbers.ts';

/** Parses an option that is a count of at least 1. */
export function countOption(text: string): number {
  return parseCount(text, Number.MAX_SAFE_INTEGER, 'a whole number of at least 1, in digits');
}

/** Trainer processes of one machine: more than this is a slip of the keyboard, and would exhaust the memory. */
const MAX_SLOTS = 256;

/** Parses a number of slots. */
export function slotsOption(text: string): number {
  return parseCount(text, MAX_SLOTS, `a whole number from 1 to ${MAX_SLOTS}`);
}

/** Parses the lease of a trial; the limits are those of the coordinator. */
export function trialLeaseOption(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= 1_000) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of milliseconds from 1000.');
}

function parseCount(text: string, max: number, wanted: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text);
  throw new InvalidArgumentError(`It must be ${wanted}.`);
}

/** Parses the priority of a job; its range is for the host to check. */
export function priorityOption(text: string): number {
  const number = replaceMinus(text);
  if (/^-?\d{1,6}$/.test(number)) return Number(number);
  throw new InvalidArgumentError('It must be a whole number.');
}
