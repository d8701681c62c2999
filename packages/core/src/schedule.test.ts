import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { frame } from './schedule'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('where frames are drawn', () => {
  let frames: (() => void)[]

  beforeEach(() => {
    frames = []
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback))
  })

  const drawFrame = () => {
    for (const callback of frames.splice(0)) callback()
  }

  // Who still waits would wait in the next test too.
  afterEach(() => {
    if (vi.isFakeTimers()) vi.advanceTimersByTime(28)
    drawFrame()
  })

  function drawNews(): void {
    frame(() => {})
    vi.advanceTimersByTime(28) // Something may have been drawn right before.
    drawFrame()
  }

  test('notifies with the next one', async () => {
    drawNews()
    vi.advanceTimersByTime(100)
    const notify = vi.fn()
    frame(notify)
    await Promise.resolve()
    expect(notify).not.toHaveBeenCalled()
    drawFrame()
    expect(notify).toHaveBeenCalledOnce()
  })

  test('rests for 28 ms after one with news, and takes the next frame then', () => {
    drawNews()
    const notify = vi.fn()
    vi.advanceTimersByTime(10)
    frame(notify)
    vi.advanceTimersByTime(17)
    expect(frames).toHaveLength(0)
    vi.advanceTimersByTime(1)
    expect(frames).toHaveLength(1)
    expect(notify).not.toHaveBeenCalled()
    drawFrame()
    expect(notify).toHaveBeenCalledOnce()
  })

  test('does not rest where nothing was drawn for a while', () => {
    drawNews()
    vi.advanceTimersByTime(28)
    frame(() => {})
    expect(frames).toHaveLength(1)
  })

  test('draws what several streams have in one callback of the frame', () => {
    const [first, second] = [vi.fn(), vi.fn()]
    drawNews()
    vi.advanceTimersByTime(5)
    frame(first)
    vi.advanceTimersByTime(20)
    frame(second)
    vi.advanceTimersByTime(3)
    const [callback, ...rest] = frames.splice(0)
    callback!()
    expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
    // What comes in the same frame, but after that callback, waits for another frame.
    const late = vi.fn()
    frame(late)
    for (const each of rest) each()
    expect(late).not.toHaveBeenCalled()
    expect(first).toHaveBeenCalledOnce()
  })

  test('one that throws does not starve the others, and still reaches the page', async () => {
    const thrown = vi.fn()
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', thrown)
    try {
      const next = vi.fn()
      drawNews()
      frame(() => {
        throw new Error('mine')
      })
      frame(next)
      vi.advanceTimersByTime(28)
      drawFrame()
      expect(next).toHaveBeenCalledOnce()
      await expect.poll(() => thrown).toHaveBeenCalledOnce()
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of before) process.on('uncaughtException', listener)
    }
  })

  test('a frame that was asked for and never comes holds up nobody else', () => {
    const [lost, next] = [vi.fn(), vi.fn()]
    frame(lost)
    // As after a test that has its own clocks and frames, and is over.
    frames.length = 0
    vi.clearAllTimers()
    frame(next)
    vi.advanceTimersByTime(28)
    drawFrame()
    expect([lost, next].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  })

  test('asks for no frame of a page that has gone during the rest', () => {
    drawNews()
    const notify = vi.fn()
    frame(notify)
    // As where a test ends, and its document with it.
    vi.stubGlobal('requestAnimationFrame', undefined)
    expect(() => vi.advanceTimersByTime(28)).not.toThrow()
    expect(notify).not.toHaveBeenCalled()
  })

  test('does not wait for a clock that was set back', () => {
    vi.advanceTimersByTime(60_000)
    drawNews()
    vi.useRealTimers()
    frame(() => {})
    expect(frames).toHaveLength(1)
  })
})

test('where no frames are drawn, notifies after the turn', async () => {
  const notify = vi.fn()
  frame(notify)
  expect(notify).not.toHaveBeenCalled()
  await Promise.resolve()
  expect(notify).toHaveBeenCalledOnce()
})
