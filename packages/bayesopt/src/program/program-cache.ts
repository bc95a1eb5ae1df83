import { MAX_FORMULA_LENGTH } from '../expression/parse.ts';

/** What is known about a text that is a program of a parameter. */
export interface KnownProgram {
  /** Its canonical form. */
  readonly text: string;
  readonly nodes: number;
  /** See `Grammar.probe`. */
  readonly identity: string;
  readonly isFinite: boolean;
}

/**
 * Characters of the texts that are kept for all parameters together in one of two generations: some 90,000 programs,
 * and 60 MB of memory for both. A parameter that is not used any more keeps what it had.
 */
const MOST_CHARACTERS = 1 << 24;
/** What a program costs in addition to its texts, in characters. */
const OVERHEAD = 64;

/** The current generation, and the characters that it has. */
let age = 0;
let size = 0;

/**
 * What is known about the texts of one parameter, so that each suggestion does not compute it again. Texts that are
 * used are moved to the current generation. When it is full, those of the generation before are dropped.
 */
export class ProgramCache {
  #age = age;
  #current = new Map<string, KnownProgram | undefined>();
  #previous = new Map<string, KnownProgram | undefined>();

  /** Returns what is known, or what `find` returns. `find` must always return the same for a text. */
  read(text: string, find: (text: string) => KnownProgram | undefined): KnownProgram | undefined {
    if (text.length > MAX_FORMULA_LENGTH) return find(text);
    this.#grow();
    if (this.#current.has(text)) return this.#current.get(text);
    const known = this.#previous.has(text) ? this.#previous.get(text) : find(text);
    this.#current.set(text, known);
    size += text.length + (known?.text.length ?? 0) + OVERHEAD;
    return known;
  }

  /** Number of texts that are kept. */
  get count(): number {
    return this.#current.size + this.#previous.size;
  }

  /** Moves on to the current generation. */
  #grow(): void {
    if (size > MOST_CHARACTERS) {
      age += 1;
      size = 0;
    }
    if (this.#age === age) return;
    this.#previous = this.#age === age - 1 ? this.#current : new Map();
    this.#current = new Map();
    this.#age = age;
  }
}
