// Where in a YAML text a position is: which keys lead to it, and whether a key or a value stands there. Made for text
// that is being typed: what does not parse yet still has a place.

export interface Entry {
  /** Keys from the top, its own last. */
  path: readonly string[];
  /** Of the key's first character. */
  from: number;
}

export type Role = 'key' | 'value' | 'text';

export interface Place {
  /** Keys around the position; for a value its own key last. */
  path: readonly string[];
  /** text: within a block scalar, a comment or a quoted string, where YAML has no say. */
  role: Role;
}

interface Frame {
  open: '{' | '[';
  path: readonly string[];
  /** The key whose value is being read, in braces. */
  key: string | undefined;
  token: string;
  tokenFrom: number;
}

interface Level {
  indent: number;
  key: string;
}

const kKeyLine = /^(\s*)((?:- +)*)(?:"([^"]*)"|'([^']*)'|([^\s#"'{[&*!|>%@`][^:#]*?))\s*:(?=\s|$)/;

/** Reads a text from its beginning; what it knows at the end is the place of the end. */
class Reader {
  readonly entries: Entry[] = [];
  private levels: Level[] = [];
  private frames: Frame[] = [];
  private quote: string | undefined;
  /** Indentation of the key whose block scalar is being read. */
  private scalarOf: number | undefined;
  private last: Place = { path: [], role: 'key' };

  read(text: string): void {
    let from = 0;
    for (const line of text.split('\n')) {
      this.line(line, from);
      from += line.length + 1;
    }
  }

  get place(): Place {
    return this.last;
  }

  private get blockPath(): string[] {
    return this.levels.map(({ key }) => key);
  }

  private line(line: string, from: number): void {
    if (this.frames.length > 0 || this.quote !== undefined) return this.flow(line, from, 0);
    const indent = line.length - line.trimStart().length;
    const blank = line.trim() === '';
    if (this.scalarOf !== undefined) {
      if ((blank && indent === 0) || indent > this.scalarOf) {
        this.last = { path: this.blockPath, role: 'text' };
        return;
      }
      this.scalarOf = undefined;
    }
    if (line.trimStart().startsWith('#')) {
      this.last = { path: this.blockPath, role: 'text' };
      return;
    }
    const match = kKeyLine.exec(line);
    if (!match) return this.keyless(line, from, indent, blank);
    const column = (match[1] ?? '').length + (match[2] ?? '').length;
    this.leaveTo(column);
    const key = match[3] ?? match[4] ?? match[5] ?? '';
    this.levels.push({ indent: column, key });
    this.entries.push({ path: this.blockPath, from: from + column });
    this.last = { path: this.blockPath, role: 'value' };
    this.value(line, from, match[0].length, column);
  }

  /** No key on this line (yet): a new key's place, an item of a list, or a scalar that goes on. */
  private keyless(line: string, from: number, indent: number, blank: boolean): void {
    const item = /^\s*(- +)+/.exec(line)?.[0];
    if (item !== undefined) {
      this.leaveTo(indent + 1);
      this.last = { path: this.blockPath, role: 'value' };
      return this.flow(line, from, item.length);
    }
    // A blank line ends nothing: what follows it may be indented as before.
    const kept = blank ? this.levels.filter((level) => level.indent < indent) : this.leaveTo(indent);
    this.last = { path: kept.map(({ key }) => key), role: 'key' };
    this.flow(line, from, indent);
  }

  private leaveTo(indent: number): readonly Level[] {
    this.levels = this.levels.filter((level) => level.indent < indent);
    return this.levels;
  }

  private value(line: string, from: number, at: number, indent: number): void {
    const rest = line.slice(at);
    if (/^\s*[|>][-+0-9]*\s*(#.*)?$/.test(rest)) {
      this.scalarOf = indent;
      return;
    }
    this.flow(line, from, at + (rest.length - rest.trimStart().length));
  }

  /** Braces, brackets, quotes and comments from column `at` to the line's end. */
  private flow(line: string, from: number, at: number): void {
    const flowValue = this.frames.length > 0 || this.quote !== undefined || /[{["']/.test(line[at] ?? '');
    for (let column = at; column < line.length; column += 1) {
      const character = line[column] ?? '';
      if (this.quote !== undefined) {
        if (character === '\\' && this.quote === '"') column += 1;
        else if (character === this.quote) this.quote = undefined;
        this.note(character, from + column);
        continue;
      }
      if (character === '#' && (column === 0 || line[column - 1] === ' ')) {
        this.last = { path: this.flowPath(), role: 'text' };
        return;
      }
      if (character === '$' && line[column + 1] === '{') {
        const end = line.indexOf('}', column);
        column = end < 0 ? line.length : end;
        continue;
      }
      // Within a word a quote is an apostrophe.
      const begins = this.frames.length > 0 ? this.frames.at(-1)?.token.trim() === '' : column === at;
      if (begins && (character === '"' || character === "'")) this.quote = character;
      else if (flowValue) this.character(character, line[column + 1], from + column);
    }
    if (this.quote !== undefined) this.last = { path: this.flowPath(), role: 'text' };
    else if (this.frames.length > 0) this.last = this.flowPlace();
  }

  private character(character: string, next: string | undefined, at: number): void {
    const frame = this.frames.at(-1);
    if (character === '{' || character === '[') {
      this.frames.push({ open: character, path: this.flowPath(), key: undefined, token: '', tokenFrom: at });
    } else if (character === '}' || character === ']') {
      this.frames.pop();
      const outer = this.frames.at(-1);
      if (outer) outer.token = '';
    } else if (!frame) {
      return;
    } else if (character === ',') {
      frame.key = undefined;
      frame.token = '';
    } else if (
      character === ':' &&
      frame.open === '{' &&
      frame.key === undefined &&
      (!next || ' ,{[}'.includes(next))
    ) {
      frame.key = frame.token.trim();
      frame.token = '';
      this.entries.push({ path: [...frame.path, frame.key], from: frame.tokenFrom });
    } else {
      this.note(character, at);
    }
  }

  private note(character: string, at: number): void {
    const frame = this.frames.at(-1);
    if (!frame || character === '"' || character === "'") return;
    if (frame.token.trim() === '') frame.tokenFrom = at;
    frame.token += character;
  }

  private flowPath(): string[] {
    const frame = this.frames.at(-1);
    if (!frame) return this.blockPath;
    return frame.key === undefined ? [...frame.path] : [...frame.path, frame.key];
  }

  private flowPlace(): Place {
    const frame = this.frames.at(-1);
    const isKey = frame?.open === '{' && frame.key === undefined;
    return { path: this.flowPath(), role: isKey ? 'key' : 'value' };
  }
}

/** The place of offset `at`: of what would be typed there. */
export function placeAt(text: string, at: number): Place {
  const reader = new Reader();
  reader.read(text.slice(0, at));
  return reader.place;
}

/** Every key of the text, in its order. */
export function entriesOf(text: string): readonly Entry[] {
  const reader = new Reader();
  reader.read(text);
  return reader.entries;
}

/** The keys right below `path`, such as the parameters' names below ['parameters']. */
export function keysBelow(entries: readonly Entry[], path: readonly string[]): string[] {
  return entries
    .filter(
      (entry) =>
        entry.path.length === path.length + 1 && path.every((key, index) => key === entry.path[index]),
    )
    .map((entry) => entry.path.at(-1) ?? '');
}
