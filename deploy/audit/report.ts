export interface Finding {
  /** Whether it makes the audit fail. */
  serious: boolean;
  text: string;
}

/** What an audit has looked at, found and not been able to look at, printed as it goes. */
export class Report {
  #serious = 0;
  readonly #missed: string[] = [];

  /** @param found in `what`; empty where it is sound */
  looked(what: string, found: readonly Finding[]): void {
    this.#serious += found.filter(({ serious }) => serious).length;
    console.log(
      `${found.some(({ serious }) => serious) ? '✗' : '✓'} ${what}: ${found.length ? '' : 'none known'}`.trimEnd(),
    );
    for (const { text } of found) console.log(`    ${text}`);
  }

  missed(what: string, why: string): void {
    this.#missed.push(what);
    console.log(`? ${what}: NOT AUDITED. ${why}`);
  }

  /**
   * Prints the sum. @returns the exit status: 1 with serious findings, 2 where none were found but not everything was
   * looked at, else 0
   */
  end(): 0 | 1 | 2 {
    console.log(
      `${this.#serious} high findings${this.#missed.length ? `; not audited: ${this.#missed.join('; ')}` : ''}`,
    );
    if (this.#serious) return 1;
    return this.#missed.length ? 2 : 0;
  }
}
