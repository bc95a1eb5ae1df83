/** Font size of the figures in user units (CSS pixels at natural size). */
const FONT_SIZE = 12;

/**
 * Returns an upper estimate of a text's width in user units for sans-serif system fonts, because no layout engine is
 * available. Wide scripts and symbols count as one em.
 */
export function measureText(content: string, size: number = FONT_SIZE): number {
  let ems = 0;
  for (const char of content) ems += charEms(char);
  return ems * size;
}

function charEms(char: string): number {
  if (char < ' ') return 1;
  if (char > '\u02ff') return char >= '\u2000' && char <= '\u2bff' ? 0.8 : 1;
  if (".,:;|!'iljtfI ()[]".includes(char)) return 0.4;
  if ('mwMW@%'.includes(char)) return 1;
  return char >= 'A' && char <= 'Z' ? 0.78 : 0.65;
}

/**
 * Shortens a text with an ellipsis to at most `width` user units. The names of members of every object get an invisible
 * space at their end: zrender keeps the widths of texts in a plain object, and for `__proto__` it would add properties
 * to all objects.
 */
export function shortenText(content: string, width: number, size: number = FONT_SIZE): string {
  if (measureText(content, size) <= width) return content in Object.prototype ? `${content}\u200b` : content;
  let kept = '';
  for (const char of content) {
    if (measureText(`${kept}${char}…`, size) > width) break;
    kept += char;
  }
  return `${kept}…`;
}
