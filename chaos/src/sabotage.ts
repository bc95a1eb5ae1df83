import { stripTypeScriptTypes } from 'node:module';
import { parse, type Node, type Program } from 'acorn';

/** A safeguard that a chaos run switches off: one named declaration is replaced when a process loads its module. */
export interface Sabotage {
  /** End of the source file's URL. */
  file: string;
  /** Name of a function or constant at the top level of the file. */
  seam: string;
  /** Replaces the body of the function (with its braces) or the value of the constant. */
  replacement: string;
}

/** A chaos run must find a violation when any one of these safeguards is off. */
export const sabotages = {
  /** Any executor that ever held a trial may report its result, also if another one holds it now. */
  'attempt-token': {
    file: '/core/src/trials/attempts.ts',
    seam: 'holdsTrial',
    replacement: `{
      const attempt = getCurrentAttempt(trial);
      if (!attempt) return false;
      return trial.state === 'running' || (trial.state === 'pending' && attempt.outcome === 'expired');
    }`,
  },
  /** A coordinator whose lease was taken over may continue to write. */
  fence: {
    file: '/core/src/ledger/fence.ts',
    seam: 'holdsFence',
    replacement: '{ return draft.lease !== null; }',
  },
  /** A result that is reported again, because the first reply was lost, is not recognized. */
  'idempotent-completion': {
    file: '/core/src/trials/complete-trial.ts',
    seam: 'findEarlierAnswer',
    replacement: '{ return null; }',
  },
  /** An API process answers reads from what it read before. */
  'fresh-read': {
    file: '/core/src/trials/read-trial.ts',
    seam: 'readTrial',
    replacement: `{
      const known = (globalThis.chaosTrials ??= new Map());
      const key = jobId + '/' + trialId;
      if (!known.has(key)) known.set(key, (await ledger.readTrials(jobId, [trialId]))[0]);
      return known.get(key);
    }`,
  },
  /** A coordinator leaves the first training that it meets alone while it serves the others. */
  fairness: {
    file: '/core/src/coordinator/advance-job.ts',
    seam: 'failWithoutData',
    replacement: `{
      if (view.spec.objective.kind === 'external') return false;
      globalThis.chaosStarved ??= view.job.id;
      return globalThis.chaosStarved === view.job.id;
    }`,
  },
  /** A finished job is removed, and its document is not kept. */
  'archive-document': {
    file: '/coordinator/src/archive.ts',
    seam: 'writeDocument',
    replacement: '{}',
  },
  /** A training continues from whatever the disk has. */
  'checkpoint-digest': {
    file: '/training/src/process/checkpoints.ts',
    seam: 'readIntact',
    replacement: '{ return new Uint8Array(stored).slice(0, Math.max(0, stored.length - DIGEST_BYTES)); }',
  },
  /** A training fails if its disk refuses a checkpoint. */
  'checkpoint-disk': {
    file: '/training/src/process/checkpoints.ts',
    seam: 'createSafeRunner',
    replacement: '{ return (work) => work(); }',
  },
  /** A notification counts as delivered, whatever its receiver answers. */
  'webhook-answer': {
    file: '/api/src/webhooks/send.ts',
    seam: 'toDeliveryResult',
    replacement: "{ return { kind: 'delivered' }; }",
  },
  /** A stream that is resumed leaves out the first change that its reader missed. */
  'stream-place': {
    file: '/api/src/events/job-feed.ts',
    seam: 'listMovesBetween',
    replacement: `{
      return history
        .filter(([at]) => at > since + 1 && at <= seq)
        .map(([at, move]) => ({ seq: at, move, trialId: id }));
    }`,
  },
  /** A part of the records of an import is not stored. */
  'import-records': {
    file: '/api/src/jobs/packed-records.ts',
    seam: 'packRecords',
    replacement: `{
      return { bytes: new SharedArrayBuffer(0), ends: new SharedArrayBuffer(0) };
    }`,
  },
  /** The results of a batch share the answer of the first one. */
  'batch-results': {
    file: '/core/src/trials/complete-trials.ts',
    seam: 'reportAttempts',
    replacement: `{
      const answer = await reportAttempt(ledger, jobId, attempts[0]);
      return attempts.map(() => answer);
    }`,
  },
  /** A change of a job's name is acknowledged, and not stored. */
  edits: {
    file: '/core/src/jobs/edit-job.ts',
    seam: 'editJob',
    replacement: '{}',
  },
  /** A job that gets another name keeps the old one in the index. */
  'index-names': {
    file: '/core/src/ledger/encode-change.ts',
    seam: 'toIndexChange',
    replacement: '{ return { ...createIndexChange(draft.job), before: { state: draft.stateBefore } }; }',
  },
  /** A job is not added to the index of its state. */
  'index-entries': {
    file: '/redis/src/index-entries.ts',
    seam: 'listEntries',
    replacement: `{
      const member = indexMember(createdAt, jobId);
      const entries = [{ key: keys.jobs, member }];
      if (active) entries.push({ key: keys.active, member });
      return [...entries, ...listNameEntries(keys, member, names)];
    }`,
  },
  /** The commit script overwrites fields that changed after its caller read them. */
  'compare-and-set': {
    file: '/redis/src/commit.ts',
    seam: 'FIELD_CHANGED',
    replacement: "'false'",
  },
} as const satisfies Record<string, Sabotage>;
export type SabotageName = keyof typeof sabotages;

/** Safeguards against events that a random run has not: a replica that takes over, and several callers. */
export const stagedSabotages = {
  /** Coordinators do not report changes that a failover lost. */
  'lost-changes': {
    file: '/core/src/coordinator/advance-job.ts',
    seam: 'reportLostChanges',
    replacement: '{}',
  },
  /** The idempotency key of one caller stands for the jobs of another. */
  'key-scope': {
    file: '/core/src/domain/job-id.ts',
    seam: 'deriveJobId',
    replacement: '{ return deriveEarlierJobId({ key, caller: null }); }',
  },
} as const satisfies Record<string, Sabotage>;

/**
 * Returns the source with the safeguard switched off, whatever its layout.
 *
 * @throws Error if the file does not declare the seam
 */
export function applySabotage({ file, seam, replacement }: Sabotage, source: string): string {
  // Types become spaces, so that positions stay those of the source.
  const program = parse(stripTypeScriptTypes(source), { ecmaVersion: 'latest', sourceType: 'module' });
  const range = findSeam(program, seam);
  if (!range) throw new Error(`${file} declares no function or constant ${seam} at its top level`);
  return source.slice(0, range.start) + replacement + source.slice(range.end);
}

function findSeam({ body }: Program, name: string): Node | null {
  for (const statement of body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type === 'FunctionDeclaration' && declaration.id.name === name) return declaration.body;
    if (declaration?.type !== 'VariableDeclaration') continue;
    const found = declaration.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name);
    if (found?.init) return found.init;
  }
  return null;
}
