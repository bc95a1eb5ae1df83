import { Markdown, type MarkdownToJSX } from 'markdown-to-jsx';

/** Markup of the notes stays text, and their headings are below those of the page. */
const options: MarkdownToJSX.Options = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6' },
};

/** What people wrote about the job, in Markdown. */
export function Notes({ text }: { readonly text: string }): React.JSX.Element {
  return (
    <section className="job-notes" aria-label="Notes">
      <Markdown options={options}>{text}</Markdown>
    </section>
  );
}
