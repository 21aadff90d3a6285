// The text in the corners: link, position, frame centre, time and method.
import { bearing, coordinates, distance, quantity, utcDate, utcTime, type CoordinateFormat } from './format';
import type { HudModel } from './model';
import { kCamera, kCaution, kDimInk, kInk, type Align, type Box, type Pen } from './pen';

const kLine = 1.42; // of the text's size

interface Row {
  text: string;
  ink?: string;
}

/** Rows at a corner of the picture, on one ground as wide as its widest row. */
function block(pen: Pen, rows: readonly Row[], x: number, y: number, align: Align, upwards: boolean): void {
  const { context, size } = pen;
  const step = size * kLine;
  const height = rows.length * step;
  context.font = `${size.toFixed(1)}px 'JetBrains Mono', 'DejaVu Sans Mono', monospace`;
  const widest = rows.reduce((most, row) => (row.text.length > most.length ? row.text : most), '');
  const width = context.measureText(widest).width + size * 0.8;
  const left = align === 'left' ? x : align === 'right' ? x - width : x - width / 2;
  const top = upwards ? y - height : y;
  pen.plate({ x: left, y: top - size * 0.15, width, height: height + size * 0.3 });
  const textX = align === 'left' ? x + size * 0.4 : align === 'right' ? x - size * 0.4 : x;
  rows.forEach((row, index) => pen.text(row.text, textX, top + step * (index + 0.5), align, row.ink ?? kInk));
}

export function linkBlock(pen: Pen, model: HudModel, box: Box): void {
  const rows: Row[] = [{ text: model.title }];
  const { link } = model;
  if (link) {
    const parts = [
      link.mode ?? '---',
      link.armed === undefined ? '---' : link.armed ? 'ARMED' : 'SAFE',
      link.batteryPercent === undefined ? '---%' : `${Math.round(link.batteryPercent)}%`,
    ];
    if (model.kind === 'vessel') parts.splice(1, link.batteryPercent === undefined ? 2 : 1);
    rows.push({ text: parts.join(' · ') });
    rows.push({ text: `LINK ${(Math.max(0, link.ageMs) / 1000).toFixed(1)} s`, ink: kDimInk });
  } else {
    rows.push({ text: 'LINK ---', ink: kDimInk });
  }
  block(pen, rows, box.x + box.width, box.y, 'right', false);
}

export function positionBlock(pen: Pen, model: HudModel, format: CoordinateFormat, box: Box): void {
  const lines = coordinates(model.values?.position, format);
  const rows = lines.map((text, index) => ({ text: `${index === 0 ? 'POS ' : '    '}${text}` }));
  block(pen, rows, box.x, box.y + box.height, 'left', true);
}

export function targetBlock(pen: Pen, model: HudModel, format: CoordinateFormat, box: Box): void {
  const { values } = model;
  const rows: Row[] = [
    {
      text: `CAM AZ ${bearing(values?.cameraAzimuth)} EL ${quantity(values?.cameraElevation, 1, '°')}`,
      ink: kCamera,
    },
    { text: `FOV ${quantity(values?.horizontalFov, 1, '°')} × ${quantity(values?.verticalFov, 1, '°')}` },
    { text: `RNG ${distance(values?.slantRange)}  WID ${distance(values?.footprintWidth)}` },
    ...coordinates(values?.frameCenter, format).map((text, index) => ({
      text: `${index === 0 ? 'FC ' : ''}${text}`,
    })),
  ];
  if (values?.doubtful) rows.push({ text: '▲ CHECKSUM', ink: kCaution });
  block(pen, rows, box.x + box.width, box.y + box.height, 'right', true);
}

const kTimeMethods = { none: 'NO TIME', sei: 'SEI', rtcp: 'RTCP', klv: 'KLV', arrival: 'ARRIVAL' } as const;

/** "INTERPOLATED ±0.4 m ±0.2°": how the values were found, and how wrong that alone can make them. */
export function methodText(model: HudModel): string {
  if (model.valueMethod === 'none') return 'NO METADATA';
  const position =
    model.positionErrorM < 10 ? model.positionErrorM.toFixed(1) : model.positionErrorM.toFixed(0);
  return `${model.valueMethod.toUpperCase()} ±${position} m ±${model.angleErrorDeg.toFixed(1)}°`;
}

export function timeBlock(pen: Pen, model: HudModel, box: Box): void {
  const extrapolated = model.valueMethod === 'extrapolated';
  const rows: Row[] = [
    { text: `${utcDate(model.utcUs)} ${utcTime(model.utcUs)} UTC` },
    {
      text: `${kTimeMethods[model.timeMethod]} · ${methodText(model)}`,
      ink: model.valueMethod === 'none' || extrapolated ? kCaution : kDimInk,
    },
  ];
  block(pen, rows, box.x + box.width / 2, box.y + box.height, 'center', true);
}
