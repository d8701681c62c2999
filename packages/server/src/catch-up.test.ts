import { expect, it, vi } from 'vitest'
import { delivered } from '../test/delivered'
import { allEvents, dataOf, serve } from '../test/served'
import { catchUp } from './catch-up'
import { memoryLog } from './index'
import type { StreamLog } from './log'
import type { Asked } from './position'

async function open(): Promise<StreamLog> {
  const claimed = await memoryLog().claim({ id: 'a', owner: { route: '/a' } })
  if (!('stream' in claimed)) throw new Error(claimed.outcome)
  return claimed.stream
}

const after = ({ epoch }: StreamLog, seq: number): Asked => ({ type: 'after', position: { epoch, seq } })
const entry = { event: 'text', data: '"a"' }

it('waits until the log has what the reader has seen, and leaves no listener', async () => {
  const stream = await open()
  const unwatch = vi.fn()
  const watched = { ...stream, watch: (listener: () => void) => joined(stream.watch(listener), unwatch) }
  Object.defineProperty(watched, 'head', { get: () => stream.head })
  let caught = false
  const waiting = catchUp(watched, after(stream, 2), 60_000)!.then(() => {
    caught = true
  })
  stream.append([entry])
  await delivered()
  expect(caught).toBe(false)
  stream.append([entry])
  await waiting
  expect(unwatch).toHaveBeenCalledTimes(1)
})

it('does not wait for what the log has, for another life, nor for a stream that is over', async () => {
  const stream = await open()
  stream.append([entry])
  expect(catchUp(stream, after(stream, 1), 60_000)).toBeUndefined()
  expect(catchUp(stream, { type: 'after', position: { epoch: 'other1', seq: 9 } }, 60_000)).toBeUndefined()
  expect(catchUp(stream, { type: 'start' }, 60_000)).toBeUndefined()
  await stream.seal({ state: 'done' }, 1000)
  expect(catchUp(stream, after(stream, 9), 60_000)).toBeUndefined()
})

it('waits no longer than it may, and ends with the stream', async () => {
  const stream = await open()
  await catchUp(stream, after(stream, 1), 5)
  const waiting = catchUp(stream, after(stream, 9), 60_000)
  await stream.seal({ state: 'done' }, 1000)
  await waiting
})

it('[R16] a position ahead of a log that is not shared is told so at once', async () => {
  await using served = await serve('node', async ({ text, signal }) => {
    text('Hello')
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  })
  const response = await served.start()
  const location = response.headers.get('location')!
  const reader = response.body!.getReader()
  const hello = new TextDecoder().decode((await reader.read()).value)
  const [, epoch] = /id: (\w+)-/.exec(hello)!
  const began = performance.now()
  const ahead = await served.get(location, { headers: { 'last-event-id': `${epoch}-9`, accept: 'application/json' } })
  expect(ahead.status).toBe(410)
  // For as long a shared log would be waited for.
  expect(performance.now() - began).toBeLessThan(2_000)
  await reader.cancel()
})

it('[R16] a reader that comes from another process goes on, where the log is behind it by a write', async () => {
  let append: () => void = () => undefined
  const log = { ...memoryLog(), shared: true }
  const produce = ({ text }: { text: (text: string) => void }) =>
    new Promise<void>((resolve) => {
      text('one')
      append = () => {
        text('two')
        resolve()
      }
    })
  await using served = await serve('node', produce, { log })
  const location = (await served.start({}, { accept: 'application/json' })).headers.get('location')!
  const { epoch } = (await served.hub.find(location.split('/').at(-1)!))!
  const ahead = served.get(location, { headers: { 'last-event-id': `${epoch}-2` } })
  await new Promise((resolve) => setTimeout(resolve, 50))
  append()
  const [hello, ...rest] = await allEvents(await ahead)
  expect(dataOf(hello)).toMatchObject({ resumed: true, position: 2 })
  expect(rest.map(({ event }) => event)).toEqual(['end'])
})

const joined = (first: () => void, second: () => void) => () => {
  first()
  second()
}
