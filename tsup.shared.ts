import type { Options } from 'tsup'

/** What every package builds: ES modules and their types. ESM only: see docs/decisions/0006-esm-only.md. */
export const shared: Options = {
  format: ['esm'],
  target: 'es2022',
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } }, // tsup 8 sets baseUrl, which TypeScript 6 rejects.
  splitting: true,
  sourcemap: true,
  clean: true,
}
