import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { run } from '../../scripts/run.mjs'

const plain = ['ES2022', 'DOM', 'DOM.Iterable']
const disposing = '\nexport async function once() { await using owned = stream; return owned.get() }'

/** Compiles a program that imports every entry of the packed core, its declarations checked too. */
async function compile(module: string, moduleResolution: string, lib: string[], more = '') {
  const { exports } = JSON.parse(
    await readFile(join(inject('folder'), 'node_modules/@keepstream/core/package.json'), 'utf8'),
  )
  const entries = Object.keys(exports).filter((entry) => entry !== './package.json')
  const imports = entries.map((entry, index) => `export * as entry${index} from '@keepstream/core${entry.slice(1)}'\n`)
  const program = `import { createStream, keepstream } from '@keepstream/core'
export const stream = createStream({ url: '/api/chat', protocol: keepstream() })
export const text: string = stream.get().data.text${more}`
  const compilerOptions = {
    module,
    moduleResolution,
    lib,
    target: 'ES2022',
    types: [],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  }
  const folder = join(inject('folder'), `types-${module}`)
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder, 'program.ts'), [...imports, program].join(''))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
  return run('tsc', ['-p', folder], { capture: true })
}

test.each([
  ['as Node resolves them, without the library for `using`', 'node16', 'node16', plain, ''],
  ['as a bundler does, with it', 'esnext', 'bundler', [...plain, 'ESNext.Disposable'], disposing],
])('the packed types compile %s', async (_, ...given) => {
  expect(await compile(...given)).toEqual({ ok: true, output: '' })
})
