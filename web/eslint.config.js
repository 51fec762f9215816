import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Imports of Lucide's barrel pull 1,500 modules into the dev server. */
const BARRELS = {
  paths: [{ name: '@lucide/svelte', message: 'Import from @lucide/svelte/icons/<name>.' }],
};

export default ts.config(
  { ignores: ['build/', '.svelte-kit/', 'node_modules/', 'src/lib/api/schema.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'no-restricted-imports': ['error', BARRELS],
      '@typescript-eslint/consistent-type-imports': 'error',
      // Paths are built by `lib/kinds.ts`; the app is always served from the root.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    // Only lib/api talks to the server.
    files: ['src/**'],
    ignores: ['src/lib/api/**'],
    rules: { 'no-restricted-globals': ['error', 'fetch', 'EventSource', 'XMLHttpRequest'] },
  },
  {
    // Primitives know neither the server nor the routes.
    files: ['src/lib/ui/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { ...BARRELS, patterns: ['$lib/api/*', '$lib/state/*', '$app/*'] },
      ],
    },
  },
);
