import { afterEach, expect, test, vi } from 'vitest'
import { mintKey } from './key'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('a key is 22 characters of base64url', () => {
  for (let count = 0; count < 1_000; count++) expect(mintKey()).toMatch(/^[A-Za-z0-9_-]{22}$/)
})

test('no two keys are alike', () => {
  expect(new Set(Array.from({ length: 10_000 }, mintKey)).size).toBe(10_000)
})

test.each([
  [0, 'AAAAAAAAAAAAAAAAAAAAAA'],
  [255, '_____________________w'],
  [0xfb, '-_v7-_v7-_v7-_v7-_v7-w'],
])('all 128 bits are in the key: bytes of %s', (byte, key) => {
  vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes.fill(byte) })
  expect(mintKey()).toBe(key)
})

test('a runtime without random numbers is told so', () => {
  vi.stubGlobal('crypto', undefined)
  expect(mintKey).toThrow(expect.objectContaining({ code: 'unsupported' }))
})
