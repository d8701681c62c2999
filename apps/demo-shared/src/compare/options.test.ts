import { createStream, keepstream } from '@keepstream/core'
import { createCompare } from '@keepstream/core/compare'
import { expect, test } from 'vitest'
import { inputOf, optionsOf, toggleModel } from './options'
import { createStopwatch } from './stopwatch'

const offered = ['a', 'b', 'c', 'd', 'e']

test('one to four models are asked, in the order in which they are offered', () => {
  expect(toggleModel(['c'], 'a', offered)).toEqual(['a', 'c'])
  expect(toggleModel(['a', 'c'], 'a', offered)).toEqual(['c'])
  expect(toggleModel(['c'], 'c', offered)).toEqual(['c'])
  expect(toggleModel(['a', 'b', 'c', 'd'], 'e', offered)).toEqual(['a', 'b', 'c', 'd'])
})

test('no more answer at once than were chosen; the others say their places, and their times tell', async () => {
  const stopwatch = createStopwatch()
  const asked: string[] = []
  const open: (() => void)[] = []
  const fetcher = async (_: unknown, init?: RequestInit) => {
    asked.push((JSON.parse(String(init?.body)) as { model: string }).model)
    await new Promise<void>((resolve) => open.push(resolve))
    const end = 'id: e-1\nevent: end\ndata: {"state":"done","n":0}\n\n'
    return new Response(end, { headers: { 'content-type': 'text/event-stream' } })
  }
  const options = optionsOf(['a', 'b', 'c', 'd'], 2, stopwatch)
  const compare = createCompare({ ...options, url: 'https://models.example/api', fetch: fetcher as typeof fetch })
  stopwatch.ask(['a', 'b', 'c', 'd'])
  const over = compare.start(inputOf('Why?'))
  await expect.poll(() => asked).toEqual(['a', 'b'])
  const places = () => compare.get().map(({ snapshot }) => snapshot.connection.position)
  await expect.poll(() => places()).toEqual([undefined, undefined, 1, 2])
  expect(offered.map((model) => stopwatch.get(model)?.admittedAt !== undefined)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  open.shift()!()
  await expect.poll(() => asked).toEqual(['a', 'b', 'c'])
  await expect.poll(() => places().at(-1)).toBe(1)
  for (const answer of open.splice(0)) answer()
  await expect.poll(() => open.length).toBe(1)
  open.shift()!()
  expect((await over).map(({ snapshot }) => snapshot.status)).toEqual(Array(4).fill('done'))
})

test('the options are those of any stream', () => {
  const { models, ...shared } = optionsOf(['a'], 1, createStopwatch())
  expect(() => createStream({ ...shared, protocol: keepstream() })).not.toThrow()
  expect(Object.keys(models)).toEqual(['a'])
})
