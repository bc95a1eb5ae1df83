import { cpus } from 'node:os';
import { checkClaim, formatShows, formatTable, type Show } from '../lib/shows.ts';
import { computeFactor, type Measured, type Rate } from './measure.ts';

/** Trained together must be this much faster, or the feature is not worth its cost. */
const WORTHWHILE = 1.5;
const TOLERANCE = 1e-3;

/** The way to train networks together in one process that takes the least processor time for an image. */
function findBest({ rates }: Measured): Rate {
  const together = rates.filter(({ setup, program }) => setup === 'one' && program !== 'separate');
  return together.reduce((best, rate) => (rate.processor > best.processor ? rate : best));
}

export function listShows(each: Measured): Show[] {
  const best = findBest(each);
  const name = `${each.backend}, ${each.case}`;
  return [
    checkClaim(`${name}: joined, difference of losses`, each.differences.joined, '', ['at most', 0]),
    checkClaim(`${name}: stacked, difference of losses`, each.differences.stacked, '', ['at most', TOLERANCE]),
    checkClaim(
      `${name}: ${best.networks} ${best.program}`,
      computeFactor(each, best, 'one', 'processor'),
      '× separate',
      ['at least', WORTHWHILE],
    ),
  ];
}

function listRows(each: Measured): string[][] {
  const separate = each.rates.find(({ setup, program }) => setup === 'one' && program === 'separate')!;
  const together = each.rates.filter(({ setup, program }) => setup === 'one' && program !== 'separate');
  const format = (factor: number) => (Number.isNaN(factor) ? '-' : factor.toFixed(2));
  return together.map((rate, i) => {
    return [
      i === 0 ? `${each.backend}, ${each.case}` : '',
      i === 0 ? separate.processor.toPrecision(3) : '',
      `${rate.networks} ${rate.program}`,
      format(computeFactor(each, rate, 'one', 'processor')),
      format(computeFactor(each, rate, 'one')),
      format(computeFactor(each, rate, 'two')),
      format(computeFactor(each, { ...rate, setup: 'two' }, 'two')),
      format(computeFactor(each, { ...rate, setup: 'threaded' }, 'two')),
    ];
  });
}

const COLUMNS = [
  'images/s, processor: of one process, by its processor time, which other programs change little',
  'A: one process, against one process, by the clock like all others',
  'B: one process, against two processes with separate trainings',
  'C: two processes, against two processes with separate trainings',
  'D: one process with two threads, against two processes with separate trainings',
];

/**
 * Formats all factors and claims as text.
 *
 * @param load of the machine before and after
 */
export function formatReport(measured: readonly Measured[], load: readonly number[]): string {
  const heads = ['network', 'images/s', 'together', 'processor', 'A', 'B', 'C', 'D'];
  return [
    `Images per second of all networks together, as multiples of separate trainings; ${cpus().length} cores of ` +
      `${cpus()[0]?.model}, load ${load.map((each) => each.toFixed(1)).join(' to ')}`,
    '',
    formatTable([heads, ...measured.flatMap(listRows)]),
    '',
    ...COLUMNS,
    '',
    formatShows(measured.flatMap(listShows)),
  ].join('\n');
}
