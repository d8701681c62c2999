import { describe, expect, test } from 'vitest'
import type { Address } from './address'
import { persistent } from './persist'

const address: Address = { start: { key: 'key-1', input: { prompt: '안녕' } }, location: 'http://a.invalid/streams/1' }

function createStorage(entries: Record<string, string> = {}) {
  const map = new Map(Object.entries(entries))
  return {
    map,
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => void map.set(name, value),
    removeItem: (name: string) => void map.delete(name),
  }
}

test('what is saved is loaded, under the key and no other', () => {
  const storage = createStorage()
  persistent('chat', storage).save(address)
  expect(persistent('chat', storage).load()).toEqual(address)
  expect(persistent('other', storage).load()).toBeUndefined()
  persistent('chat', storage).save(undefined)
  expect([...storage.map]).toEqual([])
})

test.each([
  ['no JSON', '{'],
  ['null', 'null'],
  ['a number', '5'],
  ['a list', '[]'],
  ['no start', '{"location":"/a"}'],
  ['no key', '{"start":{"input":1}}'],
  ['a key that is no string', '{"start":{"key":5}}'],
  ['a location that is no string', '{"start":{"key":"k"},"location":7}'],
])('what is stored broken (%s) counts as nothing', (_, stored) => {
  expect(persistent('chat', createStorage({ 'keepstream:chat': stored })).load()).toBeUndefined()
})

test('a storage that is full remembers nothing, rather than an older answer', () => {
  const storage = createStorage()
  persistent('chat', storage).save(address)
  const full = {
    ...storage,
    setItem() {
      throw new DOMException('full', 'QuotaExceededError')
    },
  }
  persistent('chat', full).save({ ...address, start: { key: 'key-2', input: 'x' } })
  expect(persistent('chat', full).load()).toBeUndefined()
})

test('an input that is no JSON is not remembered', () => {
  const storage = createStorage()
  persistent('chat', storage).save({ start: { key: 'key-1', input: 1n }, location: undefined })
  expect(persistent('chat', storage).load()).toBeUndefined()
})

describe('where there is no storage', () => {
  const refusing = new Proxy({} as Storage, {
    get() {
      throw new DOMException('denied', 'SecurityError')
    },
  })

  test.each([
    ['refused', refusing],
    ['absent', undefined],
  ])('nothing is remembered and nothing fails: %s', (_, storage) => {
    const memory = persistent('chat', storage)
    memory.save(address)
    memory.save(undefined)
    expect(memory.load()).toBeUndefined()
  })
})

test.each(['', undefined])('the key %j is refused with a sentence', (key) => {
  expect(() => persistent(key as string)).toThrow('`key`')
})

test('a storage that is none is refused with a sentence', () => {
  expect(() => persistent('chat', 'localStorage' as never)).toThrow('`storage` is "localStorage"')
})
