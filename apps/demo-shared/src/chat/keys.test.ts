import { expect, test } from 'vitest'
import { type Keystroke, sends, stops } from './keys'

const press = (key: string, more: Partial<Keystroke> = {}): Keystroke => ({
  key,
  shiftKey: false,
  isComposing: false,
  keyCode: 0,
  ...more,
})

test('Enter sends; with Shift, while composing, or as the code 229 it does not', () => {
  expect(sends(press('Enter'))).toBe(true)
  expect(sends(press('Enter', { shiftKey: true }))).toBe(false)
  expect(sends(press('Enter', { isComposing: true }))).toBe(false)
  expect(sends(press('Enter', { keyCode: 229 }))).toBe(false)
  expect(sends(press('a'))).toBe(false)
})

test('Escape stops, but not what an input method has for it', () => {
  expect(stops(press('Escape'))).toBe(true)
  expect(stops(press('Escape', { isComposing: true }))).toBe(false)
})
