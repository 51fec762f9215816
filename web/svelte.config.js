import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess({ script: false }),
  compilerOptions: { runes: true },
  kit: {
    // One page serves every address; the server falls back to it for paths it does not know.
    adapter: adapter({ fallback: '200.html', precompress: true }),
    // Kit hashes its own inline start script; `scripts/write-csp.js` turns the result into the header.
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['self'],
        // The drawing of styled subtitles is compiled to WebAssembly, and works on a thread of its own.
        'script-src': ['self', 'wasm-unsafe-eval'],
        'worker-src': ['self'],
        // Two fixed style attributes: of Kit's announcer of page changes for screen readers, and `display: contents`
        // around the entries of bits-ui's Command.
        'style-src': [
          'self',
          'unsafe-hashes',
          'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo=',
          'sha256-iaOezIDcQIoxCULa6FBKKuLUu09R7kG+Mlu+JVfU3Rw=',
        ],
        'img-src': ['self', 'data:', 'blob:'],
        'media-src': ['self', 'blob:'],
        'font-src': ['self'],
        'connect-src': ['self'],
        'object-src': ['none'],
        'base-uri': ['none'],
        'form-action': ['self'],
      },
    },
    version: { pollInterval: 0 },
  },
};
