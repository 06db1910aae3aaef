import vue from '@vitejs/plugin-vue';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';

const manifest = {
  id: '/phone/',
  name: 'Măng Non',
  short_name: 'Măng Non',
  description: 'Phỏng vấn hộ gia đình khi không có mạng',
  lang: 'vi',
  start_url: '/phone/',
  scope: '/phone/',
  display: 'standalone' as const,
  orientation: 'portrait' as const,
  background_color: '#ffffff',
  theme_color: '#135436',
  icons: [
    { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
    { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: 'icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
};

export default defineConfig({
  base: '/phone/',
  plugins: [
    vue(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      registerType: 'prompt',
      injectRegister: false,
      manifest,
      manifestFilename: 'manifest.webmanifest',
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,woff2,png,svg,webmanifest}'],
        maximumFileSizeToCacheInBytes: 3_000_000,
      },
    }),
  ],
  build: {
    target: 'es2022',
    // The content security policy allows no data: fonts and no inline anything.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    // The form engine changes less often than the rest; in a file of its own it is not downloaded again with every update.
    rolldownOptions: { output: { manualChunks: (id) => (id.includes('@getodk') ? 'engine' : undefined) } },
  },
  server: {
    fs: { allow: ['.', '../pages/static', '../../tests/forms/corpus'] },
    proxy: { '/phone/api': 'http://127.0.0.1:8000', '/openrosa': 'http://127.0.0.1:8000' },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // The engine ships its XPath parser as WebAssembly inside the bundle; it has to be transformed.
    server: { deps: { inline: [/@getodk/] } },
  },
});
