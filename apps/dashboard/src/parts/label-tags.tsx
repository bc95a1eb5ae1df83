import { formatLabel } from './labels.ts';

/** The labels of a job, each in its frame. */
export function LabelTags({ labels }: { readonly labels: Readonly<Record<string, string>> }): React.JSX.Element {
  return (
    <>
      {Object.entries(labels).map(([key, value]) => (
        <span key={key} className="tag">
          {formatLabel(key, value)}
        </span>
      ))}
    </>
  );
}
