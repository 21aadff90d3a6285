// All numbers of the element or the link that was chosen in the graph.
import { CloseButton } from '@mantine/core';
import { Fragment } from 'react';

import type { CameraGraph, GraphElement, GraphFlow, GraphLink } from '../api/types';
import type { Choice } from './graph_view';
import { capsFields, flowWords, grouped, linkKey, rate, shortCaps } from './graph_words';

type Rows = readonly (readonly [string, string])[];

function Values({ rows }: { rows: Rows }) {
  return (
    <dl>
      {rows.map(([label, value]) => (
        <Fragment key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

const shown = (value: number | undefined, digits: number, unit: string) =>
  value === undefined ? '—' : `${grouped(value, digits)}${unit && ` ${unit}`}`;

const flowRows = (flow: GraphFlow | undefined): Rows => [
  ['buffers', flow?.buffers_per_s === undefined ? '—' : `${rate(flow.buffers_per_s)} /s`],
  ['data', shown(flow?.kbit_per_s, 1, 'kbit/s')],
  ['since the start', shown(flow?.buffers, 0, 'buffers')],
  ['longest gap', shown(flow?.gap_ms, 1, 'ms')],
];

function elementRows({ factory, state, latency_ms: latency, level, figures }: GraphElement): Rows {
  return [
    ['element', factory],
    ['state', state ?? '—'],
    ['latency', shown(latency, 2, 'ms')],
    ...(level
      ? ([
          ['level', shown(level.fill === undefined ? undefined : level.fill * 100, 0, '%')],
          [
            'queued',
            `${shown(level.buffers, 0, 'buffers')}, ${shown(level.bytes, 0, 'bytes')}, ${shown(level.time_ms, 0, 'ms')}`,
          ],
        ] as const)
      : []),
    ...Object.entries(figures ?? {}).map(
      ([name, value]) => [name, grouped(value, value % 1 ? 2 : 0)] as const,
    ),
  ];
}

const padName = (element: string, pad: string | undefined) => (pad ? `${element}.${pad}` : element);

function LinkDetails({ link }: { link: GraphLink }) {
  return (
    <>
      <Values rows={flowRows(link.flow)} />
      <Values
        rows={capsFields(link.caps ?? '').map((field, index) => {
          const [name = '', value] = field.split(/=(.*)/s);
          return index === 0 || value === undefined
            ? ['caps', field]
            : [name, value.replace(/^\(([a-z]+)\)/, '')];
        })}
      />
    </>
  );
}

function ElementDetails({ element, graph }: { element: GraphElement; graph: CameraGraph }) {
  const pads: Rows = graph.links.flatMap((link): Rows => {
    const words = `${shortCaps(link.caps)}, ${flowWords(link.flow)}`;
    if (link.to === element.name) return [[`in ${link.to_pad ?? ''} from ${link.from}`, words]];
    if (link.from === element.name) return [[`out ${link.from_pad ?? ''} to ${link.to}`, words]];
    return [];
  });
  return (
    <>
      <Values rows={elementRows(element)} />
      <Values rows={pads} />
    </>
  );
}

export interface GraphDetailsProps {
  graph: CameraGraph;
  choice: Choice;
  onClose: () => void;
}

export function GraphDetails({ graph, choice, onClose }: GraphDetailsProps) {
  const element =
    'element' in choice ? graph.elements.find(({ name }) => name === choice.element) : undefined;
  const link = 'link' in choice ? graph.links.find((other) => linkKey(other) === choice.link) : undefined;
  const title = element
    ? element.name
    : link
      ? `${padName(link.from, link.from_pad)} → ${padName(link.to, link.to_pad)}`
      : 'element' in choice
        ? choice.element
        : choice.link;
  return (
    <section className="graph-details" aria-label={`Details of ${title}`}>
      <header>
        <h3>{title}</h3>
        <CloseButton size={32} aria-label="Close the details" onClick={onClose} />
      </header>
      {element && <ElementDetails element={element} graph={graph} />}
      {link && <LinkDetails link={link} />}
      {!element && !link && <p className="dim">It is not part of the pipeline any more.</p>}
    </section>
  );
}
