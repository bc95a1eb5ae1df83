// Body of the thread that parses and checks documents to import.
import { serveCalls } from '@gradsmith/compute';
import { InvalidInput, MalformedInput, toProblems } from '@gradsmith/core/domain';
import { jobDocumentSchema, prepareImport, upgradeDocument } from '@gradsmith/core/jobs';
import { parseStrictJson } from '../plugins/strict-json.ts';
import { packRecords } from './packed-records.ts';
import type { CheckedDocument } from './thread-importer.ts';

serveCalls((body: SharedArrayBuffer): CheckedDocument => {
  try {
    return checkDocument(Buffer.from(body));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { problems: [...error.problems], what: error.what, isMalformed: error instanceof MalformedInput };
  }
});

function checkDocument(body: Buffer): CheckedDocument {
  const input = upgradeDocument(body.length === 0 ? undefined : parseStrictJson(body));
  const parsed = jobDocumentSchema.safeParse(input);
  if (!parsed.success) {
    const problems = toProblems(parsed.error, { schema: jobDocumentSchema, input });
    throw new InvalidInput(problems, 'the document');
  }
  const { job, spec, writes } = prepareImport(parsed.data);
  return { job, spec, records: packRecords(writes) };
}
