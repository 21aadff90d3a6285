// Two texts as one, with what changes marked; only for reading.
import { yaml } from '@codemirror/lang-yaml';
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';

import { codeLook } from './code_look';

export interface DifferenceProps {
  before: string;
  after: string;
  label: string;
}

export function Difference({ before, after, label }: DifferenceProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return undefined;
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: after,
        extensions: [
          EditorView.lineWrapping,
          lineNumbers(),
          yaml(),
          codeLook,
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': label }),
          unifiedMergeView({
            original: before,
            mergeControls: false,
            syntaxHighlightDeletions: true,
            collapseUnchanged: { margin: 4, minSize: 6 },
          }),
        ],
      }),
    });
    return () => view.destroy();
  }, [before, after, label]);
  return <div className="editor" ref={host} data-testid="difference" />;
}
