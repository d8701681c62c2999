import { expect, test, vi } from 'vitest'
import { isClient, readTab } from './tab'

function storage(before?: string) {
  const kept = new Map(before === undefined ? [] : [['live-tab', before]])
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  }
}

test('a tab is the same after a reload, and no other tab has its name', () => {
  const own = storage()
  const tab = readTab(own)
  expect(isClient(tab.client)).toBe(true)
  expect(tab.name).toMatch(/^[A-Z0-9]{3}$/)
  expect(readTab(own)).toEqual(tab)
  expect(new Set(Array.from({ length: 50 }, () => readTab(storage()).client)).size).toBe(50)
})

test.each(['{', 'null', '{"client":"short","name":"A"}', '{"client":5}'])(
  'what is broken is minted anew: %s',
  (kept) => {
    expect(isClient(readTab(storage(kept)).client)).toBe(true)
  },
)

test('a page without storage is a tab all the same', () => {
  const forbidden = () => {
    throw new Error('denied')
  }
  expect(isClient(readTab({ getItem: forbidden, setItem: forbidden }).client)).toBe(true)
})

test('so is one in a browser in which the very name of the storage is an error', () => {
  const forbidden = vi.fn(() => {
    throw new Error('denied')
  })
  Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, get: forbidden })
  try {
    expect(isClient(readTab().client)).toBe(true)
    expect(forbidden).toHaveBeenCalledTimes(2)
  } finally {
    Reflect.deleteProperty(globalThis, 'sessionStorage')
  }
})

test('a client is 22 to 64 characters of base64url', () => {
  expect(['a'.repeat(21), 'a'.repeat(65), `${'a'.repeat(22)} `, undefined].map(isClient)).toEqual(Array(4).fill(false))
  expect(['a-_Z0'.repeat(5), 'a'.repeat(64)].map(isClient)).toEqual([true, true])
})
