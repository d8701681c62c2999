import { afterEach, expect, test, vi } from 'vitest'
import { frame } from './schedule'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('where frames are drawn, notifies with the next one', async () => {
  const frames: (() => void)[] = []
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback))
  const notify = vi.fn()
  frame(notify)
  await Promise.resolve()
  expect(notify).not.toHaveBeenCalled()
  expect(frames).toHaveLength(1)
  frames[0]!()
  expect(notify).toHaveBeenCalledOnce()
})

test('where no frames are drawn, notifies after the turn', async () => {
  const notify = vi.fn()
  frame(notify)
  expect(notify).not.toHaveBeenCalled()
  await Promise.resolve()
  expect(notify).toHaveBeenCalledOnce()
})
