/** A text of the schema: what is between backticks is code. */
export function MarkedText({ text }: { readonly text: string }): React.JSX.Element {
  return <>{text.split('`').map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part))}</>;
}
