import { createParser } from '@keepstream/core/sse'
import { createFaultProxy } from '@keepstream/testing'
import { expect } from 'vitest'
import { keepstreamLine } from './harness'
import { chapter } from './table'

const fault = chapter(import.meta.filename, 'Starts whose answer is lost')

fault('answer to the POST lost, a hundred times, once or twice each', {
  keepstream: [
    'the key is repeated and finds the answer that began',
    async () => {
      await using line = await keepstreamLine({ hub: { retry: { min: 1, max: 1 } } })
      const whole = await line.whole()
      const starts = Array.from({ length: 100 }, (_, index) => index).values()
      const lane = async () => {
        await using proxy = await createFaultProxy({ target: line.direct })
        for (const index of starts) {
          // Before its first byte comes back: the server has the start, and its client cannot know.
          for (let lost = 0; lost <= index % 2; lost++) await proxy.cutAfter({ bytes: index % 3 === 0 ? 1 : 0 })
          const client = line.open({ url: proxy.url })
          expect(await client.ask()).toMatchObject({ status: 'done', data: whole })
          expect(client.drops.length).toBe(1 + (index % 2))
        }
      }
      await Promise.all(Array.from({ length: 10 }, lane))
      expect(line.model.calls).toBe(100)
      await line.settled()
      return 'done each time, 100 calls'
    },
  ],
})

fault('answer to the POST lost after its head, before `hello`', {
  keepstream: [
    'the answer is read where it lives, from its start',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 200, hub: { retry: { min: 1, max: 1 } } })
      const client = line.open({
        fetch: async (url, init) => {
          const response = await fetch(url, init)
          // The head is there, and nothing of the body will ever be.
          if (init.method === 'POST') line.proxy.cut()
          return response
        },
      })
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'done', data: await line.whole() })
      expect(line.model.calls).toBe(1)
      await line.settled()
      return 'done, one call'
    },
  ],
})

const post = (url: string, key: string, prompt: string) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ messages: [{ role: 'user', content: prompt }] }),
  })

/** The text of an answer and its end, however its entries are joined. */
function sum(body: string): string {
  const frames = createParser().feed(body)
  const pieces = frames.filter(({ event }) => event === 'text').map(({ data }) => JSON.parse(data) as string)
  const { id, data } = frames.at(-1)!
  return `${pieces.join('')} ${id} ${data}`
}

fault('twenty starts at once with one key, a late one, and another start with it', {
  keepstream: [
    'are one stream; the other start is refused',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 500 })
      const answers = await Promise.all(Array.from({ length: 20 }, () => post(line.direct, 'one-key', 'Hello')))
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
      expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1)
      const bodies = await Promise.all(answers.map((response) => response.text()))
      // `hello` differs by its `retry`, and what follows by how it is joined: what it comes to is the same.
      const sums = new Set(bodies.map(sum))
      expect(sums.size).toBe(1)
      expect([...sums][0]).toContain('"state":"done"')
      const late = await post(line.direct, 'one-key', 'Hello')
      expect([late.status, late.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
      expect(sum(await late.text())).toBe([...sums][0])
      expect((await post(line.direct, 'one-key', 'Good bye')).status).toBe(422)
      expect(line.model.calls).toBe(1)
      await line.settled()
      return 'one stream, one call; 422'
    },
  ],
})
