import { useState } from 'react';
import { readDrafts, saveDraft, saveReplaced } from './drafts.ts';

interface JobDraft {
  readonly text: string;
  /** Index of the template that the text is, as a text; empty for another text. */
  readonly template: string;
  /** Whether the text was written in an earlier visit. */
  readonly isRestored: boolean;
  /** The text that another one has taken the place of. */
  readonly before: string | null;
  readonly change: (text: string) => void;
  readonly replace: (text: string, template?: string) => void;
  readonly restore: () => void;
  readonly discard: () => void;
  readonly clear: () => void;
}

/**
 * Keeps the text of a new job until it is posted, also over visits to other pages. A text that was written and is
 * replaced can be brought back.
 *
 * @param copied the text of a job to start from; null for none
 */
export function useJobDraft(copied: string | null, first: string): JobDraft {
  const [{ text, template, isRestored, before, isWritten }, setState] = useState(() => start(copied, first));
  const put = (next: string, nextTemplate: string, isNextWritten: boolean): void => {
    const replaced = isWritten && next !== text ? text : null;
    saveReplaced(replaced);
    saveDraft(isNextWritten ? next : null);
    setState({ text: next, template: nextTemplate, isRestored: false, before: replaced, isWritten: isNextWritten });
  };
  return {
    text,
    template,
    isRestored,
    before,
    change: (next) => {
      if (next === text) return;
      saveDraft(next);
      setState((now) => ({ ...now, text: next, template: '', isWritten: true }));
    },
    replace: (next, nextTemplate = '') => put(next, nextTemplate, false),
    restore: () => put(before!, '', true),
    discard: () => put(first, '0', false),
    clear: () => {
      saveDraft(null);
      saveReplaced(null);
    },
  };
}

function start(copied: string | null, first: string) {
  const { draft, before } = readDrafts();
  if (copied !== null && copied !== draft) {
    // What was written before must outlive the copy.
    const kept = draft ?? before;
    saveReplaced(kept);
    saveDraft(copied);
    return { text: copied, template: '', isRestored: false, before: kept, isWritten: true };
  }
  if (draft !== null) return { text: draft, template: '', isRestored: copied === null, before, isWritten: true };
  return { text: first, template: '0', isRestored: false, before, isWritten: false };
}
