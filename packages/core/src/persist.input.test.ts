import { describe, expect, test } from 'vitest'
import { persistent } from './persist'

function createStorage(stored?: string) {
  const map = new Map(stored === undefined ? [] : [['keepstream:chat', stored]])
  return {
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => void map.set(name, value),
    removeItem: (name: string) => void map.delete(name),
  }
}

describe('an input that JSON would change is not remembered, since it would be another question', () => {
  const form = new FormData()
  form.set('prompt', 'question')

  test.each([
    ['a form', form],
    ['parameters', new URLSearchParams('prompt=question')],
    ['a blob', new Blob(['question'])],
    ['bytes', new Uint8Array([1, 2])],
    ['a map', new Map([['prompt', 'question']])],
    ['a blob among others', { messages: [{ image: new Blob(['question']) }] }],
  ])('%s', (_, input) => {
    const memory = persistent('chat', createStorage())
    memory.save({ start: { key: 'key-1', input }, location: undefined })
    expect(memory.load()).toBeUndefined()
  })

  test.each([
    ['nothing', undefined],
    ['a string', 'question'],
    ['values of JSON', { messages: [{ content: 'question', n: 1, last: null, yes: true }] }],
    ['a field that is absent', { model: undefined, prompt: 'question' }],
    ['what knows its form in JSON', { at: new Date(0) }],
  ])('but %s is', (_, input) => {
    const memory = persistent('chat', createStorage())
    memory.save({ start: { key: 'key-1', input }, location: undefined })
    expect(memory.load()?.start).toEqual({
      key: 'key-1',
      input: input && JSON.parse(JSON.stringify(input)),
    })
  })
})

test.each(['a\r\nx: y', 'a b', '', 'ключ', 'k'.repeat(65)])(
  'the stored key %j, which none of ours is, counts as nothing',
  (key) => {
    expect(persistent('chat', createStorage(JSON.stringify({ start: { key } }))).load()).toBeUndefined()
  },
)

test('a stored prototype is only a value', () => {
  const stored = '{"start":{"key":"k","input":{"__proto__":{"polluted":true}}},"__proto__":{"location":"/a"}}'
  expect(persistent('chat', createStorage(stored)).load()).toMatchObject({ start: { key: 'k' }, location: undefined })
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})
