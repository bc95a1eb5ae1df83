const DRAFT = 'gradsmith-draft';
const BEFORE = 'gradsmith-draft-before';

/** The text that was written and not posted, and the one that another text has taken the place of. */
export interface Drafts {
  readonly draft: string | null;
  readonly before: string | null;
}

export function readDrafts(): Drafts {
  return { draft: read(DRAFT), before: read(BEFORE) };
}

export function saveDraft(text: string | null): void {
  write(DRAFT, text);
}

/** Keeps a text whose place another one takes. */
export function saveReplaced(text: string | null): void {
  write(BEFORE, text);
}

/** A browser may forbid a page to store anything. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // The text then lives as long as the page.
  }
}
