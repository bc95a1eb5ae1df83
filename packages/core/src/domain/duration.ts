import { z } from 'zod';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

const WANTED = 'must be a number and a unit (ms, s, m, h or d), such as 30m';

/** A duration as job files write it: a number and a unit, such as `90s`, `30m`, `1.5h`. */
export const durationSchema = createDurationSchema('1ms', '365d');

/** Creates the schema of durations from `least` to `most`. */
export function createDurationSchema(least: string, most: string): z.ZodString {
  return z
    .string(WANTED)
    .regex(pattern, { error: WANTED, abort: true })
    .refine((text) => milliseconds(text) >= milliseconds(least) && milliseconds(text) <= milliseconds(most), {
      error: `must lie between ${least} and ${most}`,
      abort: true,
    });
}

/** Writes a duration as job files do, by its largest unit that is whole: `15s`, `1500ms`. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(units).findLast(([, each]) => ms % each === 0 && ms >= each) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** Milliseconds of a duration that `durationSchema` accepts; NaN for anything else. */
export function milliseconds(duration: string): number {
  const match = pattern.exec(duration);
  return match ? Number(match[1]) * units[match[2] as keyof typeof units] : Number.NaN;
}
