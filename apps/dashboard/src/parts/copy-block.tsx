import { Button } from '@mantine/core';
import { useState } from 'react';

/** A text to read and to copy. */
export function CopyBlock({ title, text }: { readonly title: string; readonly text: string }): React.JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <section className="copy">
      <div className="bar">
        <h2>{title}</h2>
        <Button size="xs" variant="default" onClick={() => void copy()}>
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      {/* It can be scrolled by keyboard. */}
      <pre tabIndex={0} aria-label={title}>
        <code>{text}</code>
      </pre>
    </section>
  );
}

/** Copies a text, also in a page that was loaded over plain HTTP, where browsers offer no clipboard. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
  return undefined;
}
