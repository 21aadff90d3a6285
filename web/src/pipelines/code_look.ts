// How code looks on this page: for the editor and for differences alike.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const look = EditorView.theme(
  {
    '&': { height: '100%', fontSize: '13px', backgroundColor: 'var(--ground)', color: 'var(--text)' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--font-number)', lineHeight: '1.5' },
    '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
    '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
    '.cm-gutters': {
      backgroundColor: 'var(--ground)',
      color: '#6c7a84',
      border: 'none',
      fontVariantNumeric: 'tabular-nums',
    },
    '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 10px' },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'rgba(147, 161, 171, 0.07)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
      backgroundColor: '#28475f',
    },
    '.cm-selectionMatch': { backgroundColor: 'rgba(111, 183, 242, 0.16)' },
    '&.cm-focused .cm-matchingBracket': {
      backgroundColor: 'transparent',
      outline: '1px solid var(--dim)',
    },
    '.cm-searchMatch': { backgroundColor: 'rgba(242, 176, 76, 0.22)', outline: '1px solid #8a6a34' },
    '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)' },
    '.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
    '.cm-panel.cm-search': { fontSize: '13px', padding: '6px 8px' },
    '.cm-textfield, .cm-button': {
      backgroundColor: 'var(--raised)',
      backgroundImage: 'none',
      border: '1px solid var(--line)',
      color: 'var(--text)',
      borderRadius: '4px',
      minHeight: '26px',
    },
    '.cm-tooltip': {
      backgroundColor: 'var(--raised)',
      border: '1px solid var(--line)',
      borderRadius: '4px',
      color: 'var(--text)',
      maxWidth: '420px',
    },
    '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-number)', fontSize: '13px' },
    '.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: '#28475f', color: '#fff' },
    '.cm-completionDetail': { color: 'var(--dim)', fontStyle: 'normal' },
    '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)' },
    '.cm-completionInfo, .cm-tooltip-hover': { padding: '5px 9px', fontSize: '12px', lineHeight: '1.45' },
    '.cm-lintRange-error': {
      backgroundImage: 'none',
      textDecoration: 'underline wavy var(--caution) 1.5px',
      textUnderlineOffset: '3px',
    },
    '.cm-lint-marker-error': { content: 'none', position: 'relative' },
    '.cm-lint-marker-error::before': {
      content: '"▲"',
      color: 'var(--caution)',
      fontSize: '11px',
      lineHeight: '1.7',
    },
    '.cm-gutter-lint': { width: '14px' },
    '.cm-diagnostic-error': { borderLeft: '3px solid var(--caution)', fontSize: '12px' },
    // Differences: the sign says which side, the colour only helps.
    '&.cm-merge-b .cm-changedLine': { backgroundColor: 'rgba(111, 183, 242, 0.10)' },
    '&.cm-merge-b .cm-changedText': { background: 'rgba(111, 183, 242, 0.26)' },
    '.cm-deletedChunk': { backgroundColor: 'rgba(242, 176, 76, 0.08)', paddingLeft: '6px' },
    '.cm-deletedChunk .cm-deletedText': { background: 'rgba(242, 176, 76, 0.24)' },
    '.cm-deletedChunk .cm-deletedLine': { textDecoration: 'none', color: '#b9a58a' },
    '.cm-deletedLine del': { textDecoration: 'none' },
    '.cm-changeGutter': { width: '16px', paddingLeft: '0', textAlign: 'center', color: 'var(--text)' },
    '&.cm-merge-b .cm-changedLineGutter': { background: 'none' },
    '&.cm-merge-b .cm-changedLineGutter::before': { content: '"+"' },
    '.cm-deletedLineGutter': { background: 'none !important' },
    '.cm-deletedLineGutter::before': { content: '"−"' },
    '.cm-collapsedLines': {
      background: 'var(--raised) !important',
      color: 'var(--dim) !important',
      fontSize: '12px',
    },
    '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯" !important' },
  },
  { dark: true },
);

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: '#9fcdf5' },
  { tag: [tags.string, tags.special(tags.string)], color: '#d9c7a3' },
  { tag: tags.content, color: 'var(--text)' },
  { tag: [tags.number, tags.bool, tags.null], color: '#d9c7a3' },
  { tag: [tags.comment, tags.lineComment], color: '#7e8b94' },
  { tag: [tags.keyword, tags.meta, tags.typeName, tags.labelName], color: '#b5bfe6' },
  { tag: [tags.separator, tags.punctuation, tags.brace, tags.squareBracket], color: 'var(--dim)' },
]);

export const codeLook = [look, syntaxHighlighting(colours)];
