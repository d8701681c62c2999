// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { initialSettings, readMaxTokens, readSettings, readTemperature, rememberSettings, requestOf } from './settings'

afterEach(() => localStorage.clear())

test('a request holds what was chosen and nothing else', () => {
  const messages = [
    { id: '1', role: 'user', content: 'one' },
    { id: '2', role: 'assistant', content: '', status: 'stopped' },
    { id: '3', role: 'user', content: 'two' },
  ] as const
  const said = [
    { role: 'user', content: 'one' },
    { role: 'user', content: 'two' },
  ]
  expect(requestOf(messages, initialSettings)).toEqual({ messages: said })
  const settings = { model: 'swift', temperature: 0, maxTokens: 10, system: 'Be brief.' }
  expect(requestOf(messages, settings)).toEqual({
    messages: [{ role: 'system', content: 'Be brief.' }, ...said],
    model: 'swift',
    temperature: 0,
    max_tokens: 10,
  })
})

test.each([
  ['', undefined],
  ['0', 0],
  ['1.5', 1.5],
  ['2.1', undefined],
  ['-1', undefined],
  ['warm', undefined],
])('a temperature that was typed as %j is %s', (typed, expected) => {
  expect(readTemperature(typed)).toBe(expected)
})

test('a length is a whole number', () => {
  expect(['12', '1.5', '0', '32001'].map(readMaxTokens)).toEqual([12, undefined, undefined, undefined])
})

test('what was chosen is found again, and what is broken is nothing', () => {
  const settings = { model: 'swift', temperature: 0.5, maxTokens: 10, system: 'Be brief.' }
  rememberSettings(settings)
  expect(readSettings()).toEqual(settings)
  localStorage.setItem('keepstream-demo-settings', '{"temperature":"9","maxTokens":null,"system":4,"model":[]}')
  expect(readSettings()).toEqual(initialSettings)
  localStorage.setItem('keepstream-demo-settings', '{')
  expect(readSettings()).toEqual(initialSettings)
})
