// A problem of a pipeline file: its place in the text, and how it is said.
import type { PipelineProblem } from '../api/types';

/** "line 7, column 12: sentence" */
export function problemWords({ line, column, message }: PipelineProblem): string {
  if (line === undefined) return message;
  return `line ${line}${column === undefined ? '' : `, column ${column}`}: ${message}`;
}

/**
 * Offsets of what to underline: from the problem's column to the end of the word there, at least one character. A
 * problem without a place underlines the first line. Columns count bytes of UTF-8, as the server's YAML reader does.
 */
export function problemRange(text: string, { line, column }: PipelineProblem): { from: number; to: number } {
  const lines = text.split('\n');
  const index = Math.min(Math.max((line ?? 1) - 1, 0), lines.length - 1);
  const start = lines.slice(0, index).reduce((sum, before) => sum + before.length + 1, 0);
  const content = lines[index] ?? '';
  if (line === undefined || column === undefined) {
    const indent = content.length - content.trimStart().length;
    return atLeastOne(start + indent, start + content.trimEnd().length, text.length);
  }
  const at = Math.min(characterOf(content, column - 1), content.length);
  const word = /^([\w$][-\w.]*|\S)/.exec(content.slice(at))?.[0] ?? '';
  return atLeastOne(start + at, start + at + word.length, text.length);
}

/** The character that the byte `byte` of the line belongs to. */
function characterOf(line: string, byte: number): number {
  const encoder = new TextEncoder();
  let bytes = 0;
  let at = 0;
  for (const character of line) {
    if (bytes >= byte) break;
    bytes += encoder.encode(character).length;
    at += character.length;
  }
  return at;
}

/** A range that can be seen, also at the end of a line or of the text. */
function atLeastOne(from: number, to: number, length: number): { from: number; to: number } {
  if (to > from) return { from, to };
  return from < length ? { from, to: from + 1 } : { from: Math.max(0, length - 1), to: length };
}
