import type { JobView } from '../ledger/job-view.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createDocumentHead, readDocumentParts, type DocumentPart } from './read-document.ts';

/** Characters that are written at once, at least. One value may have more: a curve up to four million. */
const CHUNK = 65_536;

/**
 * Writes the document of `exportJob` as JSON, in pages, so that a job of any size needs little memory and never holds
 * up others. As one text, the document of a large job would be longer than a string can be.
 *
 * @throws Conflict if a finished job changes or is removed in the meantime, for example because it is extended
 */
export async function* streamJobDocument(ledger: Ledger, view: JobView): AsyncGenerator<string> {
  let text = JSON.stringify(createDocumentHead(view)).slice(0, -1);
  let end = '';
  let open: DocumentPart['field'] | null = null;
  let separator = '';
  for await (const part of readDocumentParts(ledger, view)) {
    if (part.field !== open) {
      const isList: boolean = part.field === 'trials';
      text += `${end},"${part.field}":${isList ? '[' : '{'}`;
      open = part.field;
      end = isList ? ']' : '}';
      separator = '';
    }
    for (const value of formatValues(part)) {
      text += separator + value;
      separator = ',';
      if (text.length < CHUNK) continue;
      yield text;
      text = '';
    }
  }
  yield `${text}${end}}`;
}

function* formatValues(part: DocumentPart): Generator<string> {
  if (part.field === 'trials') for (const trial of part.values) yield JSON.stringify(trial);
  else for (const [id, value] of part.values) yield `${JSON.stringify(id)}:${JSON.stringify(value)}`;
}
