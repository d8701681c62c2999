import { describe, expect, test } from 'vitest'
import { encodeBody, resolveHeaders, resolveUrl, send } from './request'

describe('encodeBody', () => {
  test('leaves to fetch what has a type of its own', () => {
    for (const value of [
      'text',
      new FormData(),
      new URLSearchParams('a=1'),
      new Blob(['a']),
      new Uint8Array(1),
      new ArrayBuffer(1),
    ]) {
      const headers = new Headers()
      expect(encodeBody(value, headers)).toBe(value)
      expect(headers.has('content-type')).toBe(false)
    }
  })

  test.each([[{ a: 1 }], [[1, 2]], [5], [true], [null], [Object.create(null)]])(
    'sends %j as JSON and says so',
    (value) => {
      const headers = new Headers()
      expect(encodeBody(value, headers)).toBe(JSON.stringify(value))
      expect(headers.get('content-type')).toBe('application/json')
    },
  )

  test('sends nothing for nothing', () => {
    const headers = new Headers()
    expect(encodeBody(undefined, headers)).toBeNull()
    expect([...headers]).toEqual([])
  })
})

test('what is given is never changed', async () => {
  const given = new Headers({ a: '1' })
  const headers = await resolveHeaders(given)
  headers.set('b', '2')
  expect([...given]).toEqual([['a', '1']])
  expect(await resolveUrl(new URL('http://a.invalid/x'))).toBe('http://a.invalid/x')
})

test('a function that throws is heard, not hidden', async () => {
  const refuse = () => {
    throw new Error('signed out')
  }
  await expect(resolveHeaders(refuse)).rejects.toThrow('signed out')
  await expect(resolveUrl(async () => refuse())).rejects.toThrow('signed out')
})

test('an abort is told as it is, anything else as the network', async () => {
  const fetch = async () => {
    throw new TypeError('fetch failed')
  }
  const { signal } = new AbortController()
  await expect(send({ fetch }, 'http://a.invalid/', { signal })).rejects.toMatchObject({
    code: 'network',
    cause: { message: 'fetch failed' },
  })
  await expect(send({ fetch }, 'http://a.invalid/', { signal: AbortSignal.abort() })).rejects.toThrow(TypeError)
})

test.each(['localhost:3000/api/chat', '/api/chat', '', 'http://', 'example.com:443', 'data:text/plain,a'])(
  'an address without a host, such as %j, is refused: only a retry without end would come of it',
  async (url) => {
    await expect(resolveUrl(url)).rejects.toMatchObject({
      code: 'option',
      message: `Option \`url\` is "${url}". It must begin with https:// or http://; only in a page it may be relative.`,
    })
  },
)

test.each(['http://localhost:3000/api', 'tauri://localhost/api'])('the address %s is taken as it is', async (url) => {
  expect(await resolveUrl(url)).toBe(url)
})
