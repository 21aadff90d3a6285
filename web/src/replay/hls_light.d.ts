// hls.js without what a recording never has (alternative audio, subtitles, DRM); its types are those of the whole.
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}
