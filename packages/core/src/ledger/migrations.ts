import { CorruptRecord } from '../domain/errors.ts';

type Json = Record<string, unknown>;
/** Turns a record of one version into one of the next. */
type Step = (record: Json) => Json;

const keep: Step = (record) => record;

/**
 * The steps that upgrade stored records: step i turns version i + 1 into version i + 2. A step never changes once it is
 * released. Version 2 renamed fields and values, and counts the tries of each kind of notification.
 */
export const migrations = {
  job: [({ endedAt, ...job }) => ({ ...job, finishedAt: endedAt })],
  lease: [keep],
  enqueued: [({ waiting, ...record }) => ({ ...record, points: waiting })],
  rungs: [keep],
  notifications: [(record) => ({ ...record, hooks: (record.hooks as Json[]).map(upgradeHook) })],
  imported: [keep],
  reports: [keep],
  details: [keep],
  trial: [
    (trial) => ({
      ...trial,
      attempts: (trial.attempts as Json[]).map(upgradeAttempt),
      history: (trial.history as [number, string][]).map(([seq, move]) => [seq, movesOfVersion1.get(move) ?? move]),
    }),
  ],
} satisfies Record<string, readonly Step[]>;

const movesOfVersion1 = new Map([
  ['issue', 'create'],
  ['begin', 'start'],
]);

function upgradeAttempt({ endedAt, outcome, ...attempt }: Json): Json {
  return { ...attempt, finishedAt: endedAt, outcome: outcome === 'told' ? 'reported' : outcome };
}

/** Version 1 counted the tries of both kinds of event together. */
function upgradeHook({ best, ended, tries, notBefore }: Json): Json {
  const deliveries = { best: { tries, notBefore }, finished: { tries, notBefore } };
  return { best, finished: ended, isDisabled: false, deliveries };
}

/** Upgrades a specification, which carries no version: webhooks of version 1 listen to `ended`. */
export function upgradeSpec(spec: Json): Json {
  if (!Array.isArray(spec.webhooks)) return spec;
  const webhooks = (spec.webhooks as Json[]).map((hook) => {
    if (!Array.isArray(hook?.on)) return hook;
    return { ...hook, on: hook.on.map((event) => (event === 'ended' ? 'finished' : event)) };
  });
  return { ...spec, webhooks };
}

/** `steps[i]` turns a record of version i + 1 into one of version i + 2; `newest` is the version wanted. */
export function upgradeRecord(
  kind: string,
  record: Record<string, unknown>,
  steps: readonly Step[],
  newest: number,
): Record<string, unknown> {
  const { schema } = record;
  if (typeof schema === 'number' && Number.isInteger(schema) && schema >= 1 && schema <= newest) {
    return steps
      .slice(schema - 1, newest - 1)
      .reduce((old, step, i) => ({ ...step(old), schema: schema + i + 1 }), record);
  }
  throw new CorruptRecord(
    `a stored ${kind} record has version ${String(schema)}; this program reads version ${newest}. Run ` +
      `the version of Gradsmith that wrote it, or a newer one`,
  );
}
