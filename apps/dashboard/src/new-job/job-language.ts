import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView, hoverTooltip, type Tooltip } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { parseDocument } from 'yaml';
import { findYamlPlace } from './find-yaml-place.ts';
import { describeField, suggestNames, suggestValues, type Suggestion } from './schema-help.ts';

/** What the editor knows of jobs: colors, completion and hover texts from the schema of the service. */
export const jobLanguage: Extension = [
  yaml(),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-name)' },
      { tag: tags.comment, color: 'var(--muted)' },
      { tag: [tags.string, tags.number, tags.bool, tags.content], color: 'var(--code-value)' },
    ]),
  ),
  autocompletion({ override: [complete], icons: false }),
  hoverTooltip(describe),
];

/** Reads what can be read of a text that is being written. */
function readLoosely(text: string): unknown {
  try {
    return parseDocument(text, { prettyErrors: false, uniqueKeys: false }).toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const text = state.doc.toString();
  const { path, isKey, from } = findYamlPlace(text, pos);
  if (!explicit && from === pos && isKey) return null;
  const job = readLoosely(text.slice(0, from) + text.slice(pos).replace(/^[^\s{}[\],:]+/, ''));
  const found = isKey ? suggestNames(job, path) : suggestValues(job, path);
  if (!found.length) return null;
  return { from, options: found.map((one, i) => toCompletion(one, isKey, i)), validFor: /^[\w.-]*$/ };
}

function toCompletion({ text, detail, description, isRequired }: Suggestion, isKey: boolean, i: number): Completion {
  return {
    label: text,
    apply: isKey ? `${text}: ` : text,
    detail: isRequired ? `required, ${detail}` : detail,
    ...(description && { info: description }),
    // In the order of the schema, with what is required first.
    boost: Math.max(-99, 99 - i),
  };
}

function describe(view: EditorView, pos: number): Tooltip | null {
  const line = view.state.doc.lineAt(pos);
  const left = /[\w.-]*$/.exec(line.text.slice(0, pos - line.from))![0];
  const right = /^[\w.-]*/.exec(line.text.slice(pos - line.from))![0];
  const [start, end] = [pos - left.length, pos + right.length];
  const text = view.state.doc.toString();
  const { path, isKey } = findYamlPlace(text, start);
  const field = describeField(readLoosely(text), isKey ? [...path, left + right] : path);
  if (!field || start === end) return null;
  return {
    pos: start,
    end,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'hover';
      const title = dom.appendChild(document.createElement('strong'));
      title.textContent = field.title;
      dom.appendChild(document.createElement('div')).textContent = field.text;
      return { dom };
    },
  };
}
