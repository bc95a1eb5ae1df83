import { type Markup, element, text } from '../text/markup.ts';

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Creates `<tag attributes>content</tag>`, always with a closing tag as in HTML. Strings go through `text` first. */
export function html(tag: string, attributes: Attributes, content: readonly Markup[]): Markup {
  return element(tag, attributes, content.length ? content : [text('')]);
}

/** Creates a table; without `head` it has no header row. Columns in `numeric` are right-aligned. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Markup[])[],
  numeric: ReadonlySet<number>,
): Markup {
  const align = (column: number): Attributes => ({ class: numeric.has(column) ? 'number' : undefined });
  return html('div', { class: 'wide' }, [
    html('table', {}, [
      ...(head.length
        ? [
            html('thead', {}, [
              html(
                'tr',
                {},
                head.map((cell, i) => html('th', { scope: 'col', ...align(i) }, [text(cell)])),
              ),
            ]),
          ]
        : []),
      html(
        'tbody',
        {},
        rows.map((row) =>
          html(
            'tr',
            {},
            row.map((cell, i) => html('td', align(i), [cell])),
          ),
        ),
      ),
    ]),
  ]);
}
