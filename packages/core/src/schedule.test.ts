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
    expect(frames).toHaveLength(1)
    drawFrame()
    expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
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
