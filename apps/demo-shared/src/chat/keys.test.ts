import { expect, test } from 'vitest'
import { cancels, type Keystroke, sends } from './keys'

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

test('Escape cancels, but not what an input method has for it', () => {
  expect(cancels(press('Escape'))).toBe(true)
  expect(cancels(press('Escape', { isComposing: true }))).toBe(false)
})
