// Mantine in the page's palette.
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const slate: MantineColorsTuple = [
  '#e3e9ec',
  '#c3ccd2',
  '#93a1ab',
  '#71808a',
  '#3a464d',
  '#2b353b',
  '#20282d',
  '#171d21',
  '#11161a',
  '#0c1013',
];

const signal: MantineColorsTuple = [
  '#e6f3ff',
  '#cbe4fb',
  '#a5d2f8',
  '#7cc4ff',
  '#6fb7f2',
  '#4f9fe0',
  '#2f7fc2',
  '#2870ad',
  '#1d5a8e',
  '#12456f',
];

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono', monospace",
  colors: { dark: slate, signal },
  primaryColor: 'signal',
  primaryShade: 6,
  defaultRadius: 4,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  respectReducedMotion: true,
});
