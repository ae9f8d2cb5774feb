import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { parse } from 'yaml';
import { defineConfig, type Plugin } from 'vitest/config';
import type { ProxyOptions } from 'vite';
import { mockApi, pageAsServed } from './mock/plugin.ts';

const spec = new URL('../openapi.yaml', import.meta.url);

// openapi gives the API reference page the file that the types come from.
function openapi(): Plugin {
  const id = 'virtual:openapi';
  return {
    name: 'openapi',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (source) =>
      source === `\0${id}`
        ? `export default JSON.parse(${JSON.stringify(JSON.stringify(parse(readFileSync(spec, 'utf8'))))})`
        : undefined,
  };
}

// COUNTERFOIL_NODE names a running node for `npm run dev` and `npm run preview`; without it a mock node in
// memory answers. A node takes changes from its own page only, so the proxy speaks as that.
const node = process.env.COUNTERFOIL_NODE;
const proxy: Record<string, ProxyOptions> = node
  ? { '/api': { target: node, changeOrigin: true, headers: { origin: node } } }
  : {};

export default defineConfig({
  plugins: [react(), openapi(), ...(node ? [] : [mockApi()]), pageAsServed()],
  resolve: { alias: { '~': new URL('./src', import.meta.url).pathname } },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
  build: {
    target: 'es2023',
    // light-dark() stays as it is written: these know it, and so does whatever has Ed25519 in WebCrypto.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1024,
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
  },
});
