// The editor of a pipeline file: YAML with completion from the grammar and problems at their places.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  insertCompletionText,
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';

import type { PipelineProblem } from '../api/types';
import { codeLook } from './code_look';
import { explanationAt, proposalsAt, type Proposal } from './completion';
import { problemRange } from './problems';

export interface EditorHandle {
  focus: () => void;
  /** Puts the cursor at an offset and shows it. */
  goTo: (offset: number) => void;
}

export interface EditorProps {
  name: string;
  text: string;
  problems: readonly PipelineProblem[];
  onChange: (text: string) => void;
  onApply: () => void;
  handle?: Ref<EditorHandle>;
}

function completionOf({ label, kind, apply, detail, info }: Proposal): Completion {
  const text = apply ?? label;
  return {
    label,
    ...(detail ? { detail } : {}),
    ...(info ? { info } : {}),
    apply: (view, _completion, from, to) => {
      view.dispatch(insertCompletionText(view.state, text, from, to));
      // A key's values may be known: they are shown at once.
      if (kind === 'key' && text.endsWith(' ')) startCompletion(view);
    },
  };
}

function complete(context: CompletionContext): CompletionResult | null {
  const begun = context.explicit || context.matchBefore(/[\w-]+$|\$\{$|[:!] $/);
  const found = begun ? proposalsAt(context.state.doc.toString(), context.pos) : undefined;
  if (!found) return null;
  return { from: found.from, options: found.items.map(completionOf), validFor: /^[\w-]*$/ };
}

const explain = hoverTooltip((view, position) => {
  const found = explanationAt(view.state.doc.toString(), position);
  if (!found) return null;
  return {
    pos: found.from,
    end: found.to,
    above: true,
    create: () => {
      const dom = document.createElement('div');
      dom.textContent = found.text;
      return { dom };
    },
  };
});

function diagnosticsOf(text: string, problems: readonly PipelineProblem[]): Diagnostic[] {
  return problems.map((problem) => ({
    ...problemRange(text, problem),
    severity: 'error',
    message: problem.message,
  }));
}

/** Escape hands the keys back to the page, unless it closes something within the editor first. */
const leave = {
  key: 'Escape',
  run: (view: EditorView) => {
    view.contentDOM.blur();
    return true;
  },
};

export function Editor({ name, text, problems, onChange, onApply, handle }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const newest = useRef({ text, onChange, onApply });
  useEffect(() => {
    newest.current = { text, onChange, onApply };
  });

  useEffect(() => {
    if (!host.current) return undefined;
    const apply = () => {
      newest.current.onApply();
      return true;
    };
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: newest.current.text,
        extensions: [
          keymap.of([
            { key: 'Mod-s', run: apply, preventDefault: true },
            ...completionKeymap,
            ...closeBracketsKeymap,
            ...searchKeymap,
            ...historyKeymap,
            leave,
            indentWithTab,
            ...defaultKeymap,
          ]),
          lintGutter(),
          EditorView.lineWrapping,
          lineNumbers(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          drawSelection(),
          history(),
          yaml(),
          indentUnit.of('  '),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [complete], icons: false }),
          explain,
          codeLook,
          EditorView.contentAttributes.of({ 'aria-label': `Text of ${name}`, spellcheck: 'false' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) newest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [name]);

  useEffect(() => {
    const shown = view.current;
    if (!shown || shown.state.doc.toString() === text) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    const shown = view.current;
    if (!shown) return;
    shown.dispatch(setDiagnostics(shown.state, diagnosticsOf(shown.state.doc.toString(), problems)));
  }, [problems, name]);

  useImperativeHandle(handle, () => ({
    focus: () => view.current?.focus(),
    goTo: (offset) => {
      const shown = view.current;
      if (!shown) return;
      const anchor = Math.min(offset, shown.state.doc.length);
      shown.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      shown.focus();
    },
  }));
  return <div className="editor" ref={host} data-testid="editor" />;
}
