// @vitest-environment jsdom
import { expect, test, vi } from 'vitest'
import { frameworkAddress, pageAddress, pages, readPage, watchPage } from './route'

test('a page is found by its own address, and by nothing else', () => {
  for (const page of pages) expect(readPage(pageAddress(page))).toBe(page)
  for (const other of ['', '#', '#/', '#/nowhere', '#task', '#/task/']) expect(readPage(other)).toBe('chat')
})

test('the same page in another framework keeps its fragment', () => {
  expect(frameworkAddress('vue', 'lab')).toBe('/vue/#/lab')
})

test('whoever watches is told of each change until they leave', async () => {
  const listener = vi.fn()
  const leave = watchPage(listener)
  location.hash = '#/live'
  await expect.poll(() => listener.mock.calls).toEqual([['live']])
  leave()
  location.hash = '#/task'
  await new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }))
  expect(listener).toHaveBeenCalledTimes(1)
})
