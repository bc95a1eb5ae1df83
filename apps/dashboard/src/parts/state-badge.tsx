/** Shows the state of a job or trial by text and color. */
export function StateBadge({ state }: { readonly state: string }): React.JSX.Element {
  return (
    <span className="badge" data-state={state}>
      {state}
    </span>
  );
}
