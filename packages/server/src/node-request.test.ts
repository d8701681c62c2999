import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readAddress, readPlain } from './node-request'

it('reads what is plain as a URL would, path and query', () => {
  const characters = [...'ab09-._~/?&=%2e;:@!$()*+,\'"\\#<>[]{}|^` é\t']
  const address = fc.array(fc.constantFrom(...characters), { maxLength: 12 }).map((parts) => `/${parts.join('')}`)
  let plain = 0
  fc.assert(
    fc.property(address, (url) => {
      const read = readPlain(url)
      if (!read) return
      plain++
      const { pathname, searchParams } = readAddress(url)
      expect(read.pathname).toBe(pathname)
      expect([...new URLSearchParams(read.search)]).toEqual([...searchParams])
    }),
    { numRuns: 3000 },
  )
  expect(plain).toBeGreaterThan(10)
})

it.each(['/', '/a/../b', '/a/./b', '/.a', '/a%2e', '/a//b', '//a', 'a', '*', 'http://x/a', '/a#b', '/a?b#c', '/é', ''])(
  'leaves %j to a URL',
  (url) => expect(readPlain(url)).toBeUndefined(),
)

it.each(['/api/chat', '/api/chat/streams/H0ApHma0_-x~1.2?after=H0ApHma0-3&wait=20'])('reads %j by itself', (url) => {
  expect(readPlain(url)?.pathname).toBe(new URL(`http://localhost${url}`).pathname)
})
