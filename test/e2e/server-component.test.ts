import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const dist = join(import.meta.dirname, '../../packages/react/dist')
const built = async (name: string) => (await readFile(join(dist, name), 'utf8')).replaceAll(/^\/\/.*\n/gm, '')
const namesOf = (code: string) =>
  [...(code.match(/export \{([^}]*)\}/)?.[1] ?? '').matchAll(/\w+/g)].map(([name]) => name)

describe('a server component that imports the built @keepstream/react', () => {
  test('has references to what runs in components: a file of its own begins with the directive', async () => {
    const client = await built('client.js')
    expect(client).toMatch(/^(['"])use client\1;/)
    // Next refuses to make references of names that it cannot see.
    expect(client).not.toContain('export *')
    expect(namesOf(client)).toEqual(
      expect.arrayContaining(['KeepstreamProvider', 'useStream', 'useChat', 'StreamText']),
    )
  })

  test('has the functions of the core themselves, and nothing that needs a hook of React', async () => {
    const index = await built('index.js')
    expect(index).not.toContain('use client')
    expect([...index.matchAll(/from "([^"]+)"/g)].map(([, from]) => from)).toEqual(['@keepstream/core', './client.js'])
    expect(namesOf(index).sort()).toEqual(namesOf(await built('client.js')).sort())
  })
})
