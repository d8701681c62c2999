import { describe, expect, test } from 'vitest'
import { createWindow } from './tabs-window'

const frame = (id: string | undefined, data = '') => ({ event: 'text', data, ...(id !== undefined && { id }) })
const frames = (...ids: string[]) => ids.map((id) => frame(id))
const room = (count: number) => count * 64

describe('a window', () => {
  test('numbers what it is given, and finds what comes after a place', () => {
    const window = createWindow(room(10))
    window.add(frames('a', 'b', 'c'))
    expect(window.head()).toBe(3)
    expect(window.from(window.after(undefined)!)).toEqual(frames('a', 'b', 'c'))
    expect(window.from(window.after('a')!)).toEqual(frames('b', 'c'))
    expect(window.from(window.after('c')!)).toEqual([])
    expect(window.after('d')).toBeUndefined()
  })

  test('gives again what follows an id that stands for several events', () => {
    const window = createWindow(room(10))
    window.add([frame('a', '1'), frame('a', '2'), frame('b')])
    expect(window.from(window.after('a')!)).toEqual([frame('a', '2'), frame('b')])
  })

  test('forgets the oldest above its limit, and says so', () => {
    const window = createWindow(room(8))
    window.add(frames('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'))
    expect(window.since()).toBeUndefined()
    window.add(frames('i'))
    expect(window.since()).toBe('c')
    expect(window.after(undefined)).toBeUndefined()
    expect(window.after('b')).toBeUndefined()
    expect(window.from(window.after('c')!)).toEqual(frames('d', 'e', 'f', 'g', 'h', 'i'))
    expect(window.from(2)).toBeUndefined()
    expect(window.head()).toBe(9)
  })

  test('never holds more than its limit, data included', () => {
    const window = createWindow(room(4))
    for (const id of 'abcdefgh') {
      window.add([frame(id, 'x'.repeat(64))])
      const kept = window.from(window.after(window.since())!)!
      expect(kept.length).toBeLessThanOrEqual(2)
    }
  })

  test('does not take the rest for the beginning where what it forgot had no ids', () => {
    const window = createWindow(room(2))
    window.add([frame(undefined), frame(undefined), frame('a')])
    expect(window.since()).toBe('')
    expect(window.after(undefined)).toBeUndefined()
  })

  test('goes back to a place that it knows, and begins anew at one that it does not', () => {
    const window = createWindow(room(10))
    window.add(frames('a', 'b', 'c'))
    window.rewind('b')
    expect(window.from(window.after(undefined)!)).toEqual(frames('a', 'b'))
    window.add(frames('d'))
    expect(window.from(window.after('b')!)).toEqual(frames('d'))
    window.rewind('z')
    expect([window.since(), window.from(window.after('z')!)]).toEqual(['z', []])
    expect(window.after('a')).toBeUndefined()
  })
})
