import { ApiProblem, createUuid } from '@gradsmith/client';
import { checkJobText, locateProblem, readYaml, type Finding } from '@gradsmith/contract/job-text';
import { parsePointer } from '@gradsmith/core/domain';
import type { JobInput } from '@gradsmith/core/spec';
import { Button, NativeSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState, type SubmitEvent } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useAction } from '../app/action-errors.tsx';
import { useApi, useSession } from '../app/context.ts';
import { CopyBlock } from '../parts/copy-block.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Editor, type EditorHandle } from './editor.tsx';
import { FindingList } from './finding-list.tsx';
import { JobForm } from './form/job-form.tsx';
import { formatCurl, formatPython } from './requests.ts';
import { templates } from './templates.ts';
import { useJobDraft } from './use-job-draft.ts';

/** The text is checked after a pause in typing, ms. */
const TYPING_MS = 300;

/**
 * Creates a job from a form and a text, which are in step. Faults are shown at their lines: those that the service's
 * schema finds while typing, and those that the service answers.
 */
export default function NewJobPage(): React.JSX.Element {
  const { state } = useLocation();
  const copied = (state as { text?: string; of?: string } | null) ?? {};
  const draft = useJobDraft(copied.text ?? null, templates[0]!.text);
  const editor = useRef<EditorHandle>(null);
  const { findings, isChecking, isBusy, create } = useCreation(draft.text, draft.clear);
  const { value: job } = useMemo(() => readYaml(draft.text), [draft.text]);
  // The form stays as it is while the text cannot be read.
  const [readable, setReadable] = useState(job);
  if (job !== null && job !== readable) setReadable(job);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void create();
  };
  return (
    <>
      <PageTitle title="New job">
        <NativeSelect
          aria-label="Template"
          value={draft.template}
          data={[
            { value: '', label: 'Start from a template…' },
            ...templates.map(({ name }, i) => ({ value: String(i), label: name })),
          ]}
          onChange={({ currentTarget: { value } }) => value && draft.replace(templates[Number(value)]!.text, value)}
        />
      </PageTitle>
      <p className="soft">
        The form and the text are the same job: a change of one changes the other, and comments of the text stay. In the
        text, Control+Space lists what can stand at the cursor, and a name explains itself under the pointer. All names
        are listed at <a href="v1/catalogue">/v1/catalogue</a>.
      </p>
      <DraftNotice draft={draft} />
      <form onSubmit={submit}>
        <div className="job-sides">
          <JobForm
            text={draft.text}
            job={readable}
            isReadable={job !== null}
            findings={findings}
            onChange={draft.change}
          />
          <Editor ref={editor} text={draft.text} findings={findings} onChange={draft.change} />
        </div>
        <FindingList text={draft.text} findings={findings} onSelect={(finding) => editor.current?.select(finding)} />
        <div className="bar">
          <Button type="submit" disabled={isBusy}>
            Create job
          </Button>
          <span className="soft" role="status">
            {!findings.length && !isChecking && 'valid'}
          </span>
        </div>
      </form>
      <Requests text={draft.text} />
    </>
  );
}

/** Checks the text and posts the job. One key is for one text, so that sending it twice creates one job. */
function useCreation(text: string, onCreated: () => void) {
  const api = useApi();
  const navigate = useNavigate();
  const { run, isBusy } = useAction();
  const [calm] = useDebouncedValue(text, TYPING_MS);
  const own = useMemo(() => checkJobText(calm).findings, [calm]);
  const [answered, setAnswered] = useState<{ text: string; findings: readonly Finding[] } | null>(null);
  const [posted, setPosted] = useState(text);
  const key = useMemo(() => createUuid(), [text]);
  const refused = answered?.text === text ? answered.findings : null;
  const create = async (): Promise<void> => {
    const { document, job, findings } = checkJobText(text);
    setPosted(text);
    setAnswered({ text, findings });
    if (findings.length) return;
    await run(async () => {
      try {
        const { id } = await api.create(job as JobInput, { key });
        onCreated();
        void navigate(`/jobs/${encodeURIComponent(id)}`);
      } catch (error) {
        if (!(error instanceof ApiProblem) || !error.problems.length) throw error;
        const found = error.problems.map(({ pointer, message }) =>
          locateProblem(document, text, { path: parsePointer(pointer), message }),
        );
        setAnswered({ text, findings: found });
      }
    });
  };
  return { findings: refused ?? own, isChecking: calm !== text && posted !== text, isBusy, create };
}

function DraftNotice({ draft }: { readonly draft: ReturnType<typeof useJobDraft> }): React.JSX.Element | null {
  const { isRestored, before, discard, restore } = draft;
  if (!isRestored && before === null) return null;
  return (
    <p className="notice" role="status">
      {isRestored && 'This is the text that you left here. '}
      {isRestored && (
        <Button size="compact-sm" variant="default" onClick={discard}>
          Start again
        </Button>
      )}{' '}
      {before !== null && 'The text that was here before is kept. '}
      {before !== null && (
        <Button size="compact-sm" variant="default" onClick={restore}>
          Bring it back
        </Button>
      )}
    </p>
  );
}

/** The same job as requests to copy into a program. */
function Requests({ text }: { readonly text: string }): React.JSX.Element {
  const session = useSession();
  const [isOpen, setOpen] = useState(false);
  const [calm] = useDebouncedValue(text, TYPING_MS);
  const job = useMemo(() => (isOpen ? checkJobText(calm).job : null), [isOpen, calm]);
  const [address, setAddress] = useState('');
  useEffect(() => setAddress(location.href.replace(/[#?].*$/, '').replace(/\/(?:index\.html)?$/, '')), []);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>The same with curl and Python</summary>
      {isOpen && job === null && <p className="soft">The text cannot be read yet.</p>}
      {isOpen && job !== null && (
        <>
          <CopyBlock title="curl" text={formatCurl(address, job, session.key !== null)} />
          <CopyBlock title="Python" text={formatPython(address, job)} />
        </>
      )}
    </details>
  );
}
