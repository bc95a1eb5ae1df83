import { z } from 'zod';

/** A limit on the slots of all jobs with the same value of a label. */
export interface SlotLimit {
  /** Name of a job's label. */
  label: string;
  /** The value that is limited; null: each value of the label has this limit. */
  value: string | null;
  slots: number;
}

/** The slots that a job and others with the same label may use together. */
export interface SharedLimit {
  /** The same for all jobs that share it. */
  group: string;
  slots: number;
}

/** Returns the limits that apply to a job with these labels. */
export function findSharedLimits(
  limits: readonly SlotLimit[],
  labels: Readonly<Record<string, string>>,
): readonly SharedLimit[] {
  return limits.flatMap(({ label, value, slots }, i) => {
    const own = Object.hasOwn(labels, label) ? labels[label] : undefined;
    return own !== undefined && (value === null || value === own) ? [{ group: `${i} ${own}`, slots }] : [];
  });
}

/**
 * Reads limits such as `license:matlab=4,owner:*=16`: the name of a label, its value or `*` for each, and slots. An
 * empty text has none.
 */
export const slotLimitsSchema = z.string().transform((text, context): SlotLimit[] =>
  (text.trim() === '' ? [] : text.split(',')).flatMap((entry) => {
    const [, label, value, slots] = /^\s*([a-z0-9._-]{1,64}):(.*)=(\d{1,6})\s*$/.exec(entry) ?? [];
    if (label !== undefined && value) return [{ label, value: value === '*' ? null : value, slots: Number(slots) }];
    context.addIssue({
      code: 'custom',
      message: `has ${JSON.stringify(entry.trim())}; write NAME:VALUE=SLOTS, such as license:matlab=4 or owner:*=16`,
    });
    return [];
  }),
);
