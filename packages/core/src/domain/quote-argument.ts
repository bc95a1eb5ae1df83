/** Returns an argument of a command as people can paste it into a shell: in quotes if it has spaces, for example. */
export function quoteArgument(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  const escaped = text.replaceAll("'", "'\\''");
  return `'${escaped}'`;
}
