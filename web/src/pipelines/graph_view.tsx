// The running pipeline as boxes and lines. Where things stand depends on names and links only; figures change in place.
import { useMemo } from 'react';

import type { CameraGraph, GraphElement, GraphLink } from '../api/types';
import { StateMark } from '../shell/icons';
import { layOut, type Layout, type Link, type Measures, type Point } from './graph_layout';
import {
  chiefFigure,
  drawnElements,
  elementTrouble,
  flowWords,
  hasStopped,
  shortCaps,
  splitName,
  linkKey,
  type GraphHistory,
} from './graph_words';

/** From left to right. */
const kWide: Measures = {
  boxAlong: 164,
  boxAcross: 60,
  labelAlong: 132,
  labelAcross: 34,
  bend: 10,
  gap: 14,
};
/** From top to bottom. */
const kNarrow: Measures = {
  boxAlong: 60,
  boxAcross: 148,
  labelAlong: 34,
  labelAcross: 136,
  bend: 9,
  gap: 10,
};
const kMargin = 12;

/** What is chosen: an element's name, or a link's number. */
export type Choice = { element: string } | { link: string };

interface Drawing {
  layout: Layout;
  wide: boolean;
  measures: Measures;
  width: number;
  height: number;
  x: (point: Point) => number;
  y: (point: Point) => number;
}

function drawing(layout: Layout, wide: boolean): Drawing {
  return {
    layout,
    wide,
    measures: wide ? kWide : kNarrow,
    width: (wide ? layout.along : layout.across) + 2 * kMargin,
    height: (wide ? layout.across : layout.along) + 2 * kMargin,
    x: (point) => kMargin + (wide ? point.along : point.across),
    y: (point) => kMargin + (wide ? point.across : point.along),
  };
}

/** From left to right where that fits; else the way that has less to scroll. */
function drawn(names: readonly string[], links: readonly Link[], width: number, height: number): Drawing {
  const wide = drawing(layOut(names, links, kWide), true);
  const narrow = drawing(layOut(names, links, kNarrow), false);
  const excess = (one: Drawing) => Math.max(one.width / width, one.height / height, 1);
  return excess(wide) <= excess(narrow) ? wide : narrow;
}

/** A line through the points: straight beside boxes and labels, bent between them. */
export function roadPath(road: readonly Point[], measures: Measures, wide: boolean): string {
  const at = (along: number, across: number) => {
    const [x, y] = wide ? [along, across] : [across, along];
    return `${(x + kMargin).toFixed(1)} ${(y + kMargin).toFixed(1)}`;
  };
  const forth = (road.at(-1)?.along ?? 0) >= (road[0]?.along ?? 0) ? 1 : -1;
  const half = (index: number) => (forth * (index % 2 === 0 ? measures.boxAlong : measures.labelAlong)) / 2;
  const parts: string[] = [];
  road.forEach(({ along, across }, index) => {
    const before = road[index - 1];
    if (!before) return parts.push(`M ${at(along + half(index), across)}`);
    const from = before.along + half(index - 1);
    const to = along - half(index);
    const middle = (from + to) / 2;
    parts.push(`C ${at(middle, before.across)} ${at(middle, across)} ${at(to, across)}`);
    if (index < road.length - 1) parts.push(`L ${at(along + half(index), across)}`);
    return undefined;
  });
  return parts.join(' ');
}

function Box({
  element,
  trouble,
  style,
  chosen,
  onChoose,
}: {
  element: GraphElement;
  trouble: string | undefined;
  style: object;
  chosen: boolean;
  onChoose: () => void;
}) {
  const { within, own } = splitName(element.name);
  const { level } = element;
  const fill = level?.fill === undefined ? undefined : Math.round(level.fill * 100);
  const figure = chiefFigure(element);
  return (
    <button
      type="button"
      className="graph-box"
      style={style}
      data-level={trouble === undefined ? undefined : 'caution'}
      aria-pressed={chosen}
      title={`${element.name} (${element.factory})`}
      onClick={onChoose}
    >
      <span className="graph-name">
        <i>{within}</i>
        {own}
      </span>
      <span className="graph-factory">{element.factory}</span>
      <span className="graph-latency">
        {element.latency_ms === undefined ? '' : `${element.latency_ms.toFixed(1)} ms`}
      </span>
      <span className="graph-line">
        {trouble !== undefined && (
          <b>
            <StateMark level="caution" /> {trouble}
          </b>
        )}
        {level ? (
          <>
            <span className="graph-fill" aria-hidden>
              <span style={{ width: `${Math.min(fill ?? 0, 100)}%` }} />
            </span>
            <span>{fill === undefined ? '—' : `${fill} %`}</span>
          </>
        ) : (
          <span>{figure ?? ''}</span>
        )}
      </span>
    </button>
  );
}

function Label({
  link,
  stopped,
  style,
  chosen,
  onChoose,
}: {
  link: GraphLink;
  stopped: boolean;
  style: object;
  chosen: boolean;
  onChoose: () => void;
}) {
  return (
    <button
      type="button"
      className="graph-label"
      style={style}
      data-level={stopped ? 'caution' : undefined}
      aria-pressed={chosen}
      aria-label={`${link.from} to ${link.to}: ${shortCaps(link.caps)}, ${flowWords(link.flow)}`}
      onClick={onChoose}
    >
      <span>
        {stopped && (
          <b>
            <StateMark level="caution" /> nothing flows ·{' '}
          </b>
        )}
        {shortCaps(link.caps)}
      </span>
      <span>{flowWords(link.flow)}</span>
    </button>
  );
}

export interface GraphViewProps {
  /** What there is, in pixels, with or without details. */
  room: { width: number; height: number };
  graph: CameraGraph;
  history: GraphHistory;
  nowMs: number;
  choice: Choice | undefined;
  onChoose: (choice: Choice | undefined) => void;
}

export function GraphView({
  room: { width, height },
  graph,
  history,
  nowMs,
  choice,
  onChoose,
}: GraphViewProps) {
  const elements = drawnElements(graph.elements, graph.links);
  const shape = JSON.stringify([
    elements.map(({ name }) => name),
    graph.links.map(({ from, to }) => ({ from, to })),
  ]);
  const sheet = useMemo(() => {
    const [names, links] = JSON.parse(shape) as [string[], Link[]];
    return drawn(names, links, width, height);
  }, [shape, width, height]);
  const { wide, measures } = sheet;
  const centred = (point: Point | undefined, boxWidth: number, boxHeight: number) =>
    point && {
      left: sheet.x(point) - boxWidth / 2,
      top: sheet.y(point) - boxHeight / 2,
      width: boxWidth,
      height: boxHeight,
    };
  const size = (along: number, across: number): [number, number] =>
    wide ? [along, across] : [across, along];
  const boxSize = size(measures.boxAlong, measures.boxAcross);
  const labelSize = size(measures.labelAlong, measures.labelAcross);
  const isChosen = (other: Choice) => JSON.stringify(other) === JSON.stringify(choice);
  const toggle = (other: Choice) => onChoose(isChosen(other) ? undefined : other);

  return (
    <div className="graph">
      <div className="graph-sheet" style={{ width: sheet.width, height: sheet.height }}>
        <svg width={sheet.width} height={sheet.height} aria-hidden>
          <defs>
            <marker
              id="graph-arrow"
              viewBox="0 0 8 8"
              refX="8"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              orient="auto"
            >
              <path d="M0 0.5L8 4L0 7.5z" />
            </marker>
          </defs>
          {graph.links.map((link, index) => (
            <path
              key={linkKey(link)}
              className="graph-road"
              data-level={hasStopped(link, history, nowMs) ? 'caution' : undefined}
              data-chosen={isChosen({ link: linkKey(link) }) || undefined}
              d={roadPath(sheet.layout.roads[index] ?? [], measures, wide)}
              markerEnd="url(#graph-arrow)"
            />
          ))}
        </svg>
        {elements.map((element) => {
          const style = centred(sheet.layout.boxes.get(element.name), ...boxSize);
          return (
            style && (
              <Box
                key={element.name}
                element={element}
                trouble={elementTrouble(element, history, nowMs)}
                style={style}
                chosen={isChosen({ element: element.name })}
                onChoose={() => toggle({ element: element.name })}
              />
            )
          );
        })}
        {graph.links.map((link, index) => {
          const style = centred(sheet.layout.labels[index], ...labelSize);
          const drawable = (sheet.layout.roads[index]?.length ?? 0) > 0;
          return (
            style &&
            drawable && (
              <Label
                key={linkKey(link)}
                link={link}
                stopped={hasStopped(link, history, nowMs)}
                style={style}
                chosen={isChosen({ link: linkKey(link) })}
                onChoose={() => toggle({ link: linkKey(link) })}
              />
            )
          );
        })}
      </div>
    </div>
  );
}
