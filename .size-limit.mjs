// The budgets: bytes of a named import, minified and gzipped, as an application's bundler would make them from the sources.
// Why the stream weighs more than was planned: docs/decisions/0010-size-budget.md, 0014, 0023 and 0026.
// An entry `stream, x` is `stream` with `x` on top, and its limit that of `stream` and what `x` may add.

const core = 'packages/core/src/index.ts'
const budget = 14.3

/** Several modules are one import of each, in one bundle. */
const entry = (name, imports, limit, ignore) => ({
  name,
  path: Object.keys(imports),
  import: Object.fromEntries(Object.entries(imports).map(([path, names]) => [path, `{ ${names} }`])),
  ...(ignore && { ignore: [ignore] }),
  limit: `${limit.toFixed(1)} kB`,
  gzip: true,
  modifyEsbuildConfig: (config) => ({
    ...config,
    conditions: ['@keepstream/source'],
    format: 'esm',
    loader: { ...config.loader, '.svelte': 'empty' }, // Nothing here compiles it, and no entry imports it by name.
  }),
})

const protocol = (name, factory, more = 1) =>
  entry(`stream, ${name}`, { [core]: `createStream, keepstream, ${factory}` }, budget + more)

// A third of it is what a page gives once: the defaults, which every function reads.
const binding = (name) =>
  entry(`stream, ${name}`, { [`packages/${name}/src/index.ts`]: 'useStream, keepstream' }, budget + 1.5, name)

const subpath = (name, names, more) =>
  entry(
    `stream, ${name}`,
    { [core]: 'createStream, keepstream', [`packages/core/src/${name}.ts`]: names },
    budget + more,
  )

export default [
  entry('parser', { 'packages/core/src/sse.ts': 'createParser' }, 1.9),
  entry('stream', { [core]: 'createStream, keepstream' }, budget),
  protocol('openai-chat', 'openaiChat', 1.2),
  protocol('openai-responses', 'openaiResponses', 2.1),
  protocol('anthropic', 'anthropic', 1.5),
  protocol('gemini', 'gemini', 1.5),
  protocol('ai-sdk', 'aiSdk'),
  protocol('ollama', 'ollama'),
  protocol('task', 'task'),
  protocol('topic', 'topic', 0.6),
  protocol('json', 'json'),
  protocol('text', 'text'),
  binding('react'),
  binding('vue'),
  binding('svelte'),
  entry('stream, persistent', { [core]: 'createStream, keepstream, persistent' }, budget + 0.4),
  subpath('websocket', 'createSocket', 2.6),
  subpath('event-source', 'eventSourceTransport', 1.4),
  subpath('poll', 'pollTransport, whenBuffered', 1.6),
  subpath('tabs', 'tabs', 2.7),
  subpath('chat', 'createChat', 2),
  subpath('compare', 'createCompare', 2.1), // With the rule by which options lie over those that are shared.
  subpath('pool', 'createPool', 1.5),
  subpath('statistics', 'measure', 1),
  subpath('record', 'createRecorder', 1),
  entry('grow-text', { [core]: 'growText' }, 1),
  entry('drop-in', { 'packages/core/src/fetch-event-source.ts': 'fetchEventSource' }, budget),
]
