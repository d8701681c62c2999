import { join } from 'node:path'
import { build, type Rolldown } from 'vite'
import { expect, test } from 'vitest'

/** What a bundler makes of a page that imports only `name`. */
async function bundle(name: string): Promise<string> {
  const page = 'virtual:page'
  const result = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@keepstream/source'] },
    build: { write: false, minify: false, rollupOptions: { input: page, preserveEntrySignatures: 'strict' } },
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === page ? page : undefined),
        load: (id) =>
          id === page
            ? `export { ${name} } from ${JSON.stringify(join(import.meta.dirname, 'fetch-event-source.ts'))}`
            : undefined,
      },
    ],
  })) as Rolldown.RolldownOutput
  return result.output.map((file) => (file.type === 'chunk' ? file.code : '')).join('')
}

// A name of a function that only that package has.
const theirs = /discardTrailingNewline/

test('a page that uses only the drop-in bundles nothing of the package that it replaces', async () => {
  const code = await bundle('fetchEventSource')
  expect(code).toContain('visibilitychange')
  expect(code).not.toMatch(theirs)
})

test('a page that uses the transport bundles the package, with its licence', async () => {
  const code = await bundle('fetchEventSourceTransport')
  expect(code).toMatch(theirs)
  expect(code).toContain('Copyright (c) Microsoft Corporation')
})
