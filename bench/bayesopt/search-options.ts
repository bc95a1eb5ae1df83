import { numberFrom } from '../lib/options.ts';

/** Options of benchmarks that repeat searches with several seeds. */
export const seedOptions = {
  seeds: { takes: '<n>', meaning: 'searches of each problem by each method', initial: '20', parse: numberFrom(1) },
  first: { takes: '<seed>', meaning: 'the first seed', initial: '100', parse: numberFrom(0) },
} as const;

/** The same, of benchmarks that can leave out expensive problems. */
export const problemOptions = {
  ...seedOptions,
  problems: {
    takes: '<n>',
    meaning: 'so many of the problems, the cheapest first',
    initial: '5',
    parse: numberFrom(1),
  },
} as const;
