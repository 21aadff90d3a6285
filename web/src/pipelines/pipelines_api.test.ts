import { expect, test } from 'vitest';

import { withLineFeeds } from './pipelines_api';

test('a text from elsewhere has the editor’s line ends, and any other is passed as it is', () => {
  expect(withLineFeeds({ version: 2, text: 'a\r\nb\rc\n' })).toEqual({ version: 2, text: 'a\nb\nc\n' });
  const plain = { text: 'a\n' };
  expect(withLineFeeds(plain)).toBe(plain);
});
