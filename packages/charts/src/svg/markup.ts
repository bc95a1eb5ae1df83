declare const markup: unique symbol;

/** Finished markup. Only `element` and `text` make it, so an unescaped string cannot end up in a figure. */
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

/** Character data, escaped. */
export function text(content: string): Markup {
  return escapeText(content) as Markup;
}

/** Several pieces side by side. */
export function join(pieces: readonly Markup[]): Markup {
  return pieces.join('') as Markup;
}

/** Markup from a trusted constant of this package, such as its style sheet: never from data. */
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

/**
 * Escapes for text and attribute values; what XML 1.0 cannot carry (control characters, lone surrogates) becomes
 * U+FFFD.
 */
function escapeText(content: string): string {
  return (
    content
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- these are the characters to be found
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"']/g, (char) => entities[char]!)
  );
}
