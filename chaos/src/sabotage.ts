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
      if (chooseRuntime(view.job, view.spec, []) === EXTERNAL) return false;
      globalThis.chaosStarved ??= view.job.id;
      return globalThis.chaosStarved === view.job.id;
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
