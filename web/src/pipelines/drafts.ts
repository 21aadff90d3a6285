// Texts that somebody changed and has not applied: kept in memory while moving between files and pages, one set a user.
import { useSyncExternalStore } from 'react';

export interface Draft {
  text: string;
  /** The version that was edited; 0: a new file. */
  base: number;
}

export class Drafts {
  private readonly drafts = new Map<string, Draft>();
  private readonly listeners = new Set<() => void>();
  private names_: readonly string[] = [];

  /** A snapshot: replaced, never changed. */
  of(name: string): Draft | undefined {
    return this.drafts.get(name);
  }

  /** Sorted; the same array until the set changes. */
  get names(): readonly string[] {
    return this.names_;
  }

  begin(name: string, text: string): void {
    this.put(name, { text, base: 0 });
  }

  /** Takes an edit of a file that stands at `stored`; what equals the file is no draft. */
  edit(name: string, text: string, stored: { text: string; version: number } | undefined): void {
    if (stored?.text === text) this.drop(name);
    else this.put(name, { text, base: this.drafts.get(name)?.base ?? stored?.version ?? 0 });
  }

  drop(name: string): void {
    if (this.drafts.delete(name)) this.tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private put(name: string, draft: Draft): void {
    this.drafts.set(name, draft);
    this.tell();
  }

  private tell(): void {
    const names = [...this.drafts.keys()].sort();
    if (names.join('\n') !== this.names_.join('\n')) this.names_ = names;
    this.listeners.forEach((listener) => listener());
  }
}

const byUser = new Map<string, Drafts>();

/** What this user left unfinished; others do not see it. The browser asks before it closes a page with drafts. */
export function draftsOf(user: string): Drafts {
  const known = byUser.get(user);
  if (known) return known;
  const drafts = new Drafts();
  byUser.set(user, drafts);
  window.addEventListener('beforeunload', (event) => {
    if (drafts.names.length > 0) event.preventDefault();
  });
  return drafts;
}

export const useDraft = (drafts: Drafts, name: string): Draft | undefined =>
  useSyncExternalStore(drafts.subscribe, () => drafts.of(name));

export const useDraftNames = (drafts: Drafts): readonly string[] =>
  useSyncExternalStore(drafts.subscribe, () => drafts.names);
