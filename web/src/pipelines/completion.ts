// What can stand at a position of a pipeline file: keys and values from schema/pipeline.schema.json, and the names that
// the file itself declares.
import schemaFile from '../../../schema/pipeline.schema.json';
import { launchProposals } from './launch_completion';
import { entriesOf, keysBelow, placeAt } from './yaml_place';

export interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  required?: readonly string[];
}

export interface Proposal {
  label: string;
  kind: 'key' | 'value' | 'parameter' | 'launch';
  /** Put in for the label, where it differs. */
  apply?: string;
  detail?: string;
  info?: string;
}

export interface Proposals {
  /** Offset of what they replace. */
  from: number;
  items: readonly Proposal[];
}

const kSchema = schemaFile as Schema;

function resolved(schema: Schema, root: Schema): Schema {
  let current = schema;
  // A reference names its keys: "#/definitions/name".
  for (let hops = 0; current.$ref?.startsWith('#/') && hops < 8; hops += 1) {
    let target: unknown = root;
    for (const key of current.$ref.slice(2).split('/')) target = (target as Record<string, unknown>)[key];
    current = target as Schema;
  }
  return current;
}

/** The rule for what stands at `path`; undefined where the grammar has no such place. */
export function schemaAt(path: readonly string[], root: Schema = kSchema): Schema | undefined {
  let current: Schema | undefined = resolved(root, root);
  for (const key of path) {
    const extra: Schema['additionalProperties'] = current?.additionalProperties;
    const below: Schema | undefined =
      current?.properties?.[key] ?? (typeof extra === 'object' ? extra : undefined);
    if (!below) return undefined;
    current = resolved(below, root);
  }
  return current;
}

function typeWord(schema: Schema): string {
  if (schema.enum) return schema.enum.join(' | ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  return types.filter((type, index) => type !== 'string' || index === 0).join(' | ');
}

function infoOf(schema: Schema): string | undefined {
  const parts = [
    schema.description,
    schema.default === undefined ? undefined : `default: ${[schema.default].flat().join(', ')}`,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join('; ') : undefined;
}

function proposal(kind: Proposal['kind'], label: string, schema: Schema, apply?: string): Proposal {
  const made: Proposal = { label, kind, detail: typeWord(schema) };
  const info = infoOf(schema);
  if (info !== undefined) made.info = info;
  if (apply !== undefined) made.apply = apply;
  return made;
}

function keyProposals(schema: Schema, taken: ReadonlySet<string>): Proposal[] {
  return Object.entries(schema.properties ?? {})
    .filter(([key]) => !taken.has(key))
    .map(([key, below]) => {
      const ends = below.type === 'object' ? ':' : ': ';
      return proposal('key', key, below, key + ends);
    });
}

function valueProposals(schema: Schema): Proposal[] {
  const values =
    schema.enum ?? schema.items?.enum ?? (schema.type === 'boolean' ? [true, false] : undefined) ?? [];
  return values.map((value) => ({
    label: String(value),
    kind: 'value' as const,
    ...(value === schema.default ? { detail: 'default' } : {}),
  }));
}

/** Within one of several cameras its sections are those of the file. */
const sectionPath = (path: readonly string[]): readonly string[] =>
  path[0] === 'cameras' ? path.slice(2) : path;

/** What `webrtc: {renditions: [...]}` and a restream's `rendition` name: those that the file declares. */
function renditionNames(place: readonly string[], declared: string[]): string[] | undefined {
  const path = sectionPath(place);
  if (path[0] !== 'outputs') return undefined;
  if (path.at(-1) === 'rendition') return declared;
  return path.includes('renditions') ? ['source', ...declared] : undefined;
}

function atPlace(text: string, at: number, word: string): Proposal[] {
  const place = placeAt(text, at - word.length);
  const entries = entriesOf(text);
  if (sectionPath(place.path).join('/') === 'ingest/launch') {
    const from = entries.find(({ path }) => path.join('/') === place.path.join('/'))?.from ?? at;
    const fragment = text.slice(from, at - word.length).replace(/^launch\s*:\s*[|>]?[-+0-9]*\s*/, '');
    return launchProposals(fragment).map((found) => ({ ...found, kind: 'launch' }));
  }
  const schema = schemaAt(place.path);
  if (!schema || place.role === 'text') return [];
  if (place.role === 'value') {
    const names = renditionNames(place.path, [
      ...keysBelow(entries, ['renditions']),
      ...(place.path[0] === 'cameras' ? keysBelow(entries, [...place.path.slice(0, 2), 'renditions']) : []),
    ]);
    return names?.map((label) => ({ label, kind: 'value' })) ?? valueProposals(schema);
  }
  // The word being typed may itself be a key that is there already.
  const own = entries.find(({ from }) => from === at - word.length);
  const taken = keysBelow(
    entries.filter((entry) => entry !== own),
    place.path,
  );
  return keyProposals(schema, new Set(taken));
}

function parameterProposals(text: string): Proposal[] {
  return keysBelow(entriesOf(text), ['parameters']).map((label) => ({
    label,
    kind: 'parameter',
    apply: label,
  }));
}

/** What fits at offset `at`; undefined where nothing does. */
export function proposalsAt(text: string, at: number): Proposals | undefined {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  const reference = /\$\{([a-z0-9_]*)$/i.exec(line);
  const word = reference?.[1] ?? /[\w-]*$/.exec(line)?.[0] ?? '';
  const items = reference ? parameterProposals(text) : atPlace(text, at, word);
  if (items.length === 0) return undefined;
  if (!reference) return { from: at - word.length, items };
  const closed = text[at] === '}';
  return {
    from: at - word.length,
    items: items.map((item) => ({ ...item, apply: item.label + (closed ? '' : '}') })),
  };
}

/** What the grammar says of the key at offset `at`, for showing beside it. */
export function explanationAt(
  text: string,
  at: number,
): { from: number; to: number; text: string } | undefined {
  const entry = entriesOf(text).find(
    ({ from, path }) => from <= at && at < from + (path.at(-1)?.length ?? 0),
  );
  const schema = entry && schemaAt(entry.path);
  if (!entry || !schema) return undefined;
  const said = [infoOf(schema), typeWord(schema)].filter((part) => part).join(' · ');
  return said
    ? { from: entry.from, to: entry.from + (entry.path.at(-1)?.length ?? 0), text: said }
    : undefined;
}
