// How the page is built, served while developing, and tested.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` passes the API on to a running server (or to `npm run mock`).
const server = process.env['MASTHEAD_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022', chunkSizeWarningLimit: 1500, assetsInlineLimit: 0 },
  server: {
    host: '127.0.0.1',
    proxy: {
      // The server refuses WebSockets of a foreign origin; the page's origin here is Vite's.
      '/api': { target: server, ws: true, changeOrigin: true, headers: { origin: server } },
      '/healthz': { target: server },
    },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
});
