import { expect, it } from 'vitest'
import { preferred } from './accept'

const offered = ['text/event-stream', 'application/json'] as const

it.each([
  [undefined, 'text/event-stream'],
  ['', 'text/event-stream'],
  ['*/*', 'text/event-stream'],
  ['text/event-stream', 'text/event-stream'],
  ['application/json', 'application/json'],
  ['Application/JSON', 'application/json'],
  ['application/json, text/event-stream;q=0.9', 'application/json'],
  ['application/json;q=0.5, text/event-stream', 'text/event-stream'],
  ['text/event-stream;q=0, */*', 'application/json'],
  ['text/*', 'text/event-stream'],
  ['application/*;q=0.9, text/*;q=0.1', 'application/json'],
  ['text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 'text/event-stream'],
  ['text/html', undefined],
  ['application/json;q=0', undefined],
  ['application/json;q=nonsense', undefined],
])('of Accept: %s it prefers %s', (accept, type) => {
  expect(preferred(accept, offered)).toBe(type)
})
