// The budgets: bytes of a named import, minified and gzipped, as an application's bundler would make them from the sources.
// Why the stream weighs twice what was planned: docs/decisions/0010-size-budget.md.
// An entry `stream, x` is `stream` with `x` on top; test/readme.test.ts allows each of these another 1 kB.

const core = 'packages/core/src/index.ts'
const binding = (name) => `packages/${name}/src/index.ts`

const entry = (name, path, names, limit, ignore) => ({
  name,
  path,
  import: `{ ${names} }`,
  ...(ignore && { ignore: [ignore] }),
  limit,
  gzip: true,
  modifyEsbuildConfig: (config) => ({ ...config, conditions: ['@keepstream/source'], format: 'esm' }),
})

export default [
  entry('parser', 'packages/core/src/sse.ts', 'createParser', '1.9 kB'),
  entry('stream', core, 'createStream, keepstream', '10.5 kB'),
  entry('stream, openai-chat', core, 'createStream, keepstream, openaiChat', '11.4 kB'),
  entry('stream, text', core, 'createStream, keepstream, text', '11.4 kB'),
  entry('stream, react', binding('react'), 'useStream, keepstream', '11.4 kB', 'react'),
  entry('stream, vue', binding('vue'), 'useStream, keepstream', '11.4 kB', 'vue'),
  entry('stream, svelte', binding('svelte'), 'useStream, keepstream', '11.4 kB', 'svelte'),
]
