/** A safeguard switched off: one piece of the product's source, replaced as a process of a chaos run loads it. */
export interface Sabotage {
  /** End of the source file's URL. */
  file: string;
  original: string;
  replacement: string;
}

/** Without any one of these, a chaos run must find a violation: that is what shows that it looks. */
export const sabotages = {
  /** Whoever once held a trial may speak for whoever holds it now. */
  'attempt-token': {
    file: '/core/src/trials/attempts.ts',
    original: 'if (attempt?.id !== attemptId) return false;',
    replacement: 'if (!attempt) return false;',
  },
  /** A coordinator whose lease another one has taken may go on writing. */
  fence: {
    file: '/core/src/ledger/fence.ts',
    original: 'return draft.lease?.fence === fence;',
    replacement: 'return draft.lease !== null;',
  },
  /** A result told again, because the first reply was lost, is not recognised. */
  'idempotent-tell': {
    file: '/core/src/trials/complete-trial.ts',
    original:
      "if (trial.digest !== null && currentAttempt(trial)?.id === ref.attemptId) return trial.digest === digest ? 'already' : 'conflict';",
    replacement: '',
  },
  /** The Lua script writes whatever has changed since its caller looked. */
  'compare-and-set': {
    file: '/redis/src/commit.ts',
    original: 'elseif found ~= ARGV[at + 2] then',
    replacement: 'elseif false then',
  },
} as const satisfies Record<string, Sabotage>;
export type SabotageName = keyof typeof sabotages;

/** The source with the safeguard off. Throws where the source does not have it once: a sabotage must not miss. */
export function apply({ file, original, replacement }: Sabotage, source: string): string {
  const parts = source.split(original);
  if (parts.length !== 2)
    throw new Error(`${file} has ${parts.length - 1} times what the sabotage replaces, not once: ${original}`);
  return parts.join(replacement);
}
