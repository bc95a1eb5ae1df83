declare const markup: unique symbol;

/** Finished markup. Only `element` and `text` create it, so a figure never contains an unescaped string. */
export type Markup = string & { readonly [markup]: true };

type AttributeValue = string | number | undefined;

/**
 * `<tag attributes>children</tag>`. Numbers are written with two decimals; an attribute that is undefined is left out.
 *
 * @throws RangeError on a number that is not finite: the figure's scales should have kept it out
 */
export function element(
  tag: string,
  attributes: Readonly<Record<string, AttributeValue>>,
  children: readonly Markup[] = [],
): Markup {
  const written = Object.entries(attributes).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [` ${name}="${typeof value === 'number' ? formatCoordinate(value) : escapeText(value)}"`];
  });
  const open = `<${tag}${written.join('')}`;
  return (children.length ? `${open}>${children.join('')}</${tag}>` : `${open}/>`) as Markup;
}

/** Creates escaped character data. */
export function text(content: string): Markup {
  return escapeText(content) as Markup;
}

/** Creates markup from a trusted constant of this package, such as its style sheet. Never pass data. */
export function trusted(content: string): Markup {
  return content as Markup;
}

/** A length or coordinate in user units, with at most two decimals. @throws RangeError when not finite */
export function formatCoordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a coordinate`);
  const rounded = Math.round(value * 100) / 100;
  return Object.is(rounded, -0) ? '0' : String(rounded);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text and attribute values. */
function escapeText(content: string): string {
  return replaceIllegal(content).replace(/[&<>"']/g, (char) => entities[char]!);
}

/** Replaces characters that XML 1.0 does not allow (control characters, lone surrogates) by U+FFFD. */
export function replaceIllegal(content: string): string {
  return (
    content
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- these are the characters to be found
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  );
}
