import { describe, expect, test } from 'vitest';

import { layOut, spread, type Link, type Measures } from './graph_layout';

const measures: Measures = {
  boxAlong: 60,
  boxAcross: 200,
  labelAlong: 30,
  labelAcross: 120,
  bend: 10,
  gap: 20,
};
const links = (...pairs: string[]): Link[] =>
  pairs.map((pair) => {
    const [from = '', to = ''] = pair.split('>');
    return { from, to };
  });
const layOutOf = (list: Link[]) =>
  layOut([...new Set(list.flatMap(({ from, to }) => [from, to]))], list, measures);

const kCamera = links(
  'source>video-in',
  'source>embedded-klv',
  'video-in>sync',
  'embedded-klv>sync',
  'link-klv>sync',
  'sync>video-out',
  'sync>klv-out',
  'video-out>viewers',
  'klv-out>frames',
);

describe('layOut', () => {
  test('every link leads along the flow', () => {
    const { boxes } = layOutOf(kCamera);
    for (const { from, to } of kCamera) {
      expect(boxes.get(from)?.along ?? 0).toBeLessThan(boxes.get(to)?.along ?? 0);
    }
  });

  test('a source stands right before what it feeds', () => {
    const { boxes } = layOutOf(kCamera);
    expect(boxes.get('link-klv')?.along).toBe(boxes.get('video-in')?.along);
  });

  test('neither boxes nor labels overlap', () => {
    const { boxes, labels } = layOutOf([...kCamera, ...links('source>viewers', 'source>frames')]);
    const rects = [
      ...[...boxes.values()].map(({ along, across }) => ({ along, across, h: 60, w: 200 })),
      ...labels.map(({ along, across }) => ({ along, across, h: 30, w: 120 })),
    ];
    for (const [index, a] of rects.entries()) {
      for (const b of rects.slice(index + 1)) {
        const apart =
          Math.abs(a.along - b.along) >= (a.h + b.h) / 2 || Math.abs(a.across - b.across) >= (a.w + b.w) / 2;
        expect(apart, `${JSON.stringify(a)} ${JSON.stringify(b)}`).toBe(true);
      }
    }
  });

  test('two chains side by side do not cross', () => {
    const { boxes } = layOutOf(links('a>x2', 'a>x1', 'x1>y1', 'x2>y2', 'y1>z1', 'y2>z2'));
    const side = (name: string) => Math.sign((boxes.get(name)?.across ?? 0) - (boxes.get('a')?.across ?? 0));
    expect(side('x1')).not.toBe(0);
    expect([side('y1'), side('z1')]).toEqual([side('x1'), side('x1')]);
    expect([side('y2'), side('z2')]).toEqual([-side('x1'), -side('x1')]);
  });

  test('a plain chain is straight', () => {
    const { boxes } = layOutOf(links('a>b', 'b>c', 'c>d'));
    expect(new Set([...boxes.values()].map(({ across }) => across)).size).toBe(1);
  });

  test('the same graph told in another order looks the same', () => {
    const names = [...new Set(kCamera.flatMap(({ from, to }) => [from, to]))];
    const one = layOut(names, kCamera, measures);
    const other = layOut([...names].reverse(), [...kCamera].reverse(), measures);
    expect(Object.fromEntries(other.boxes)).toEqual(Object.fromEntries(one.boxes));
    expect([...other.labels].reverse()).toEqual(one.labels);
  });

  test('a circle is drawn all the same', () => {
    const { boxes, roads } = layOutOf(links('a>b', 'b>c', 'c>a'));
    expect(boxes.size).toBe(3);
    expect(roads[2]?.[0]).toEqual(boxes.get('c'));
    expect(roads[2]?.at(-1)).toEqual(boxes.get('a'));
  });

  test('two links between the same boxes have a label each', () => {
    const { labels } = layOutOf(links('a>b', 'a>b'));
    expect(Math.abs((labels[0]?.across ?? 0) - (labels[1]?.across ?? 0))).toBeGreaterThanOrEqual(140);
  });

  test('a link to something that is not there is left out, and nothing is drawn of nothing', () => {
    expect(layOut(['a'], links('a>gone'), measures).roads).toEqual([[]]);
    expect(layOut([], [], measures)).toMatchObject({ along: 0, across: 0 });
  });
});

test('spread keeps distances and stays near what is wanted', () => {
  expect(spread([0, 100], [0, 50])).toEqual([0, 100]);
  expect(spread([0, 0, 0], [0, 10, 10])).toEqual([-10, 0, 10]);
  expect(spread([5, 0, 100], [0, 10, 10])).toEqual([-2.5, 7.5, 100]);
});
