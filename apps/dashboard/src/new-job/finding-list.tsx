import { findPosition, type Finding } from '@gradsmith/contract/job-text';

interface FindingListProps {
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly onSelect: (finding: Finding) => void;
}

/** The faults of a text. A click on one selects its place. */
export function FindingList({ text, findings, onSelect }: FindingListProps): React.JSX.Element {
  return (
    <div role="alert">
      {findings.length > 0 && (
        <ul className="findings">
          {findings.map((finding) => (
            <li key={`${finding.from} ${finding.place} ${finding.message}`}>
              <button type="button" className="link" onClick={() => onSelect(finding)}>
                line {findPosition(text, finding.from).line}
                {finding.place ? `, ${finding.place}` : ''}
              </button>{' '}
              {finding.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
