// How a running graph is said in few words: caps, flows, levels, counters.
import type { CameraGraph, GraphElement, GraphFlow, GraphLink } from '../api/types';

const kMedia: Record<string, string> = {
  'video/x-h264': 'H.264',
  'video/x-h265': 'H.265',
  'video/x-raw': 'raw',
  'video/mpegts': 'MPEG-TS',
  'image/jpeg': 'JPEG',
  'audio/x-opus': 'Opus',
  'audio/mpeg': 'AAC',
  'audio/x-raw': 'audio',
  'meta/x-klv': 'KLV',
  'application/x-rtp': 'RTP',
  'application/x-rtcp': 'RTCP',
};

const field = (caps: string, name: string) =>
  new RegExp(`\\b${name}=(?:\\([a-z]+\\))?"?([^,;"\\s]+)`).exec(caps)?.[1];

/** "H.264 1280×720", "raw I420 640×360", "RTP H264": what matters of caps as GStreamer writes them. */
export function shortCaps(caps: string | undefined): string {
  const media = /^[a-z]+\/[-+.\w]+/.exec(caps ?? '')?.[0];
  if (caps === undefined || media === undefined) return caps === 'ANY' ? 'any' : '—';
  const width = field(caps, 'width');
  const height = field(caps, 'height');
  const parts = [
    kMedia[media] ?? media.replace(/^[a-z]+\/(x-)?/, ''),
    media.endsWith('/x-raw') ? field(caps, 'format') : undefined,
    media.startsWith('application/x-rtp') ? field(caps, 'encoding-name') : undefined,
    width && height ? `${width}×${height}` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** Each field of caps on its own. */
export function capsFields(caps: string): string[] {
  // Commas within lists and quotes part nothing.
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let part = '';
  for (const character of caps) {
    if (character === '"') quoted = !quoted;
    if (!quoted && '{[<'.includes(character)) depth += 1;
    if (!quoted && '}]>'.includes(character)) depth -= 1;
    if (character === ',' && depth === 0 && !quoted) {
      parts.push(part.trim());
      part = '';
    } else part += character;
  }
  return [...parts, part.trim()].filter((text) => text !== '');
}

/** With a narrow space between thousands. */
export function grouped(value: number, digits = 0): string {
  const [whole = '', fraction] = value.toFixed(digits).split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

export const rate = (perSecond: number | undefined) =>
  perSecond === undefined ? '—' : perSecond >= 100 ? grouped(perSecond) : perSecond.toFixed(1);

/** "25.0/s · 1 012 kbit/s" */
export function flowWords(flow: GraphFlow | undefined): string {
  if (!flow) return '—';
  const bits = flow.kbit_per_s === undefined ? '—' : grouped(flow.kbit_per_s, flow.kbit_per_s < 10 ? 1 : 0);
  return `${rate(flow.buffers_per_s)}/s · ${bits} kbit/s`;
}

const kFullFrom = 0.9;

export const isFull = (element: GraphElement) => (element.level?.fill ?? 0) >= kFullFrom;

const isDropCount = (name: string) => /drop|discard|lost|\blate\b/.test(name);

/** All that the element's own counters say was thrown away; undefined when it counts no such thing. */
export function dropsOf(element: GraphElement): number | undefined {
  const counts = Object.entries(element.figures ?? {}).filter(([name]) => isDropCount(name));
  return counts.length > 0 ? counts.reduce((sum, [, value]) => sum + value, 0) : undefined;
}

export const linkKey = ({ from, from_pad: fromPad, to, to_pad: toPad }: GraphLink) =>
  `${from}.${fromPad ?? ''}>${to}.${toPad ?? ''}`;

/** A count, and when it last grew, by this computer's clock in milliseconds. */
interface Counted {
  count: number;
  grewMs: number | undefined;
}

/** What one answer alone cannot tell: what grows, and since when it does not. */
export interface GraphHistory {
  /** By element. */
  drops: ReadonlyMap<string, Counted>;
  /** By link. */
  flows: ReadonlyMap<string, Counted>;
}

export const kNoHistory: GraphHistory = { drops: new Map(), flows: new Map() };

/** A count that fell belongs to a pipeline that began anew. */
function nextCount(before: Counted | undefined, count: number, nowMs: number): Counted {
  if (before === undefined || count < before.count) return { count, grewMs: undefined };
  return { count, grewMs: count > before.count ? nowMs : before.grewMs };
}

/** What was known, and what an answer says at `nowMs`. */
export function nextHistory(
  history: GraphHistory,
  { elements, links }: Pick<CameraGraph, 'elements' | 'links'>,
  nowMs: number,
): GraphHistory {
  return {
    drops: new Map(
      elements.flatMap((element) => {
        const count = dropsOf(element);
        if (count === undefined) return [];
        return [[element.name, nextCount(history.drops.get(element.name), count, nowMs)] as const];
      }),
    ),
    flows: new Map(
      links.map((link) => {
        const key = linkKey(link);
        return [key, nextCount(history.flows.get(key), link.flow?.buffers ?? 0, nowMs)] as const;
      }),
    ),
  };
}

/** Drops stand out while they are news; a count from long ago is only a number. */
export const kDropsNewsMs = 15_000;

/** Telemetry may come once a second: a shorter pause is none. */
export const kStoppedMs = 4_000;

/** Something passed here, and nothing has for a while. */
export function hasStopped(link: GraphLink, { flows }: GraphHistory, nowMs: number): boolean {
  const grewMs = flows.get(linkKey(link))?.grewMs;
  return link.flow !== undefined && grewMs !== undefined && nowMs - grewMs >= kStoppedMs;
}

/** What is wrong at an element, in a word; undefined when nothing is. */
export function elementTrouble(
  element: GraphElement,
  { drops }: GraphHistory,
  nowMs: number,
): string | undefined {
  if (isFull(element)) return 'full';
  const grewMs = drops.get(element.name)?.grewMs;
  return grewMs !== undefined && nowMs - grewMs < kDropsNewsMs ? 'drops' : undefined;
}

/** The drawing shows it. */
const isDrawn = (name: string) => /^num-(src|sink)-pads$/.test(name);

const figureWords = ([name, value]: readonly [string, number]) =>
  `${grouped(value)} ${name.replace(/[-_]/g, ' ')}`;

/** The one figure that fits into a box: what was thrown away before all else. */
export function chiefFigure(element: GraphElement): string | undefined {
  const figures = Object.entries(element.figures ?? {});
  const thrownAway = figures.filter(([name, value]) => isDropCount(name) && value > 0);
  const [most] = thrownAway.sort(([, a], [, b]) => b - a);
  const chief = most ?? figures.find(([name]) => !isDropCount(name) && !isDrawn(name));
  return chief && figureWords(chief);
}

/** "source/depay" is "depay" within "source". */
export function splitName(name: string): { within: string; own: string } {
  const slash = name.lastIndexOf('/');
  return { within: name.slice(0, slash + 1), own: name.slice(slash + 1) };
}

/** The elements to draw: bins whose parts are there themselves, and that no link touches, only repeat them. */
export function drawnElements(
  elements: readonly GraphElement[],
  links: readonly { from: string; to: string }[],
): GraphElement[] {
  const linked = new Set(links.flatMap(({ from, to }) => [from, to]));
  return elements.filter(
    ({ name }) => linked.has(name) || !elements.some((other) => other.name.startsWith(`${name}/`)),
  );
}
