import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import type { Finding } from '@gradsmith/contract/job-text';
import { useEffect, useEffectEvent, useImperativeHandle, useRef, type Ref } from 'react';
import { jobLanguage } from './job-language.ts';

export interface EditorHandle {
  /** Selects the text of a finding and scrolls to it. */
  select(finding: Finding): void;
}

interface EditorProps {
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly onChange: (text: string) => void;
  readonly ref?: Ref<EditorHandle>;
}

/** The text of a job, with line numbers, completion and marks at its faults. */
export function Editor({ text, findings, onChange, ref }: EditorProps): React.JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const report = useEffectEvent(onChange);
  const start = useEffectEvent(() => text);
  useEffect(() => {
    // Within a shadow root, the editor needs no inline style sheet, which the security policy may forbid.
    const root = place.current!.shadowRoot ?? place.current!.attachShadow({ mode: 'open' });
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({ doc: start(), extensions: [...extensions, listen(report)] }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  useEffect(() => {
    const { state } = view.current!;
    const shown = state.doc.toString();
    if (shown !== text) view.current!.dispatch({ changes: { from: 0, to: shown.length, insert: text } });
  }, [text]);
  useEffect(() => {
    const { state } = view.current!;
    const { length } = state.doc;
    const diagnostics = findings.map(({ from, to, message }) => ({
      from: Math.min(from, length),
      to: Math.min(Math.max(to, from), length),
      message,
      severity: 'error' as const,
    }));
    view.current!.dispatch(setDiagnostics(state, diagnostics));
  }, [findings]);
  useImperativeHandle(ref, () => ({
    select: ({ from, to }) => {
      const { length } = view.current!.state.doc;
      view.current!.dispatch({
        selection: { anchor: Math.min(from, length), head: Math.min(to, length) },
        effects: EditorView.scrollIntoView(Math.min(from, length), { y: 'center' }),
      });
      view.current!.focus();
    },
  }));
  return <div ref={place} className="editor" />;
}

function listen(report: (text: string) => void) {
  return EditorView.updateListener.of(({ docChanged, state }) => {
    if (docChanged) report(state.doc.toString());
  });
}

const extensions = [
  lineNumbers(),
  history(),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  lintGutter(),
  indentUnit.of('  '),
  // After Escape, Tab leaves the field, so that the page works by keyboard.
  keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
  EditorView.contentAttributes.of({
    'aria-label': 'Job, as YAML or JSON',
    tabindex: '0',
    spellcheck: 'false',
    autocapitalize: 'off',
  }),
  jobLanguage,
  EditorView.theme({
    '&': { backgroundColor: 'var(--surface)', color: 'var(--ink)', height: '100%' },
    '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
    '.cm-scroller': { fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace', fontSize: '13px' },
    '.cm-content': { caretColor: 'var(--ink)' },
    '.cm-cursor': { borderLeftColor: 'var(--ink)' },
    '.cm-gutters': { backgroundColor: 'var(--card)', color: 'var(--muted)', border: 'none' },
    '.cm-activeLine': { backgroundColor: 'var(--line-focus)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, ::selection': {
      backgroundColor: 'var(--selection)',
    },
    '.cm-tooltip': {
      backgroundColor: 'var(--card)',
      color: 'var(--ink)',
      border: '1px solid var(--line)',
      maxWidth: 'min(460px, 90vw)',
    },
    '.cm-tooltip .hover': { padding: '6px 10px' },
    '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--surface)' },
    '.cm-completionDetail': { color: 'inherit', opacity: '0.85' },
  }),
];
