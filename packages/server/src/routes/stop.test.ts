import { describe, expect, it } from 'vitest'
import { allEvents, dataOf, eventsOf, gate, paths, serve, textOf, until } from '../../test/served'
import type { Producer } from '../generation'

const key = { 'idempotency-key': 'k'.repeat(22) }
const post = (headers: Record<string, string> = {}) => ({ method: 'POST', headers })

/** Says one word and then waits to be stopped. */
const endless =
  (log: string[] = []): Producer =>
  ({ text, signal }) => {
    text('so far')
    log.push('started')
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        log.push('aborted')
        reject(signal.reason)
      })
    })
  }

describe.each(paths)('stop on the %s path', (path) => {
  it('[R37] aborts the producer, keeps what arrived, and answers with the end that readers see', async () => {
    const log: string[] = []
    await using served = await serve(path, endless(log))
    const response = await served.start()
    const events = eventsOf(response)
    await events.next()
    expect((await events.next()).value).toMatchObject({ event: 'text' })
    const stopped = await served.get(`${response.headers.get('location')}/stop`, post())
    expect(stopped.status).toBe(200)
    const entry = (await stopped.json()) as { id: string }
    expect(entry).toEqual({ id: expect.stringMatching(/-2$/), event: 'end', data: { state: 'stopped', n: 1 } })
    const end = (await events.next()).value!
    expect([end.id, dataOf(end)]).toEqual([entry.id, { state: 'stopped', n: 1 }])
    expect((await events.next()).done).toBe(true)
    expect(log).toEqual(['started', 'aborted'])
    // The abort is no failure of the producer.
    expect(served.events.map(({ type }) => type)).not.toContain('failed')
  })

  it('[R38] answers with the end that there is, however often it is asked', async () => {
    await using served = await serve(path, ({ text }) => text('Hello'))
    const response = await served.start()
    const end = (await allEvents(response)).at(-1)!
    for (let times = 0; times < 2; times++) {
      const stopped = await served.get(`${response.headers.get('location')}/stop`, post())
      expect([stopped.status, await stopped.json()]).toEqual([
        200,
        { id: end.id, event: 'end', data: { state: 'done', n: 1 } },
      ])
    }
    await using other = await serve(path, endless())
    const { headers } = await other.start()
    const many = await Promise.all(
      Array.from({ length: 10 }, () => other.get(`${headers.get('location')}/stop`, post())),
    )
    const answers = await Promise.all(many.map((answer) => answer.text()))
    expect(new Set(answers).size).toBe(1)
  })

  it('[R39] stops by key a stream whose address the client never learnt', async () => {
    await using served = await serve(path, endless())
    const response = await served.start({}, key)
    const stopped = await served.get('/api/chat/stop', post(key))
    expect([stopped.status, await stopped.json()]).toMatchObject([200, { event: 'end', data: { state: 'stopped' } }])
    expect(dataOf((await allEvents(response)).at(-1))).toMatchObject({ state: 'stopped' })
  })

  it('[R39 R40] leaves a tombstone for a start that comes later, and calls no producer', async () => {
    const log: string[] = []
    await using served = await serve(path, endless(log))
    const stopped = await served.get('/api/chat/stop', post(key))
    expect([stopped.status, await stopped.json()]).toEqual([202, { state: 'stopped' }])
    const response = await served.start({ question: 1 }, key)
    expect([response.status, response.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
    const [hello, ...entries] = await allEvents(response)
    expect(hello).toMatchObject({ event: 'hello' })
    expect(entries.map(({ event, data }) => [event, JSON.parse(data)])).toEqual([['end', { state: 'stopped', n: 0 }]])
    expect(log).toEqual([])
    // The start has given the key its meaning: another body is another start.
    expect((await served.start({ question: 2 }, key)).status).toBe(422)
    expect((await served.get('/api/chat/stop', post(key))).status).toBe(200)
  })

  it('[R40] comes to one outcome when stop and start race', async () => {
    for (let round = 0; round < 20; round++) {
      const log: string[] = []
      await using served = await serve(path, endless(log))
      const [started, stopped] = await Promise.all([served.start({}, key), served.get('/api/chat/stop', post(key))])
      expect(dataOf((await allEvents(started)).at(-1))).toMatchObject({ state: 'stopped' })
      expect([200, 202]).toContain(stopped.status)
      expect(log.filter((word) => word === 'started')).toHaveLength(log.filter((word) => word === 'aborted').length)
    }
  })

  it('stops a producer that looks at no signal at its next word', async () => {
    const { opened, open } = gate()
    let ended = false
    await using served = await serve(path, async ({ text }) => {
      try {
        text('one')
        await opened
        text('two')
      } finally {
        ended = true
      }
    })
    const response = await served.start()
    await served.get(`${response.headers.get('location')}/stop`, post())
    open()
    await until(() => ended)
    const frames = await allEvents(response)
    expect([textOf(frames), dataOf(frames.at(-1)).state]).toEqual(['one', 'stopped'])
  })

  it('[R37 R48] needs a key, a stream that exists, and its owner', async () => {
    const authorize = ({ request }: { request: Request }) => ({ user: request.headers.get('x-user') ?? undefined })
    await using served = await serve(path, endless(), { authorize })
    expect((await served.get('/api/chat/stop', post())).status).toBe(400)
    expect((await served.get(`/api/chat/streams/${'x'.repeat(22)}/stop`, post())).status).toBe(404)
    const { headers } = await served.start({}, { 'x-user': 'ada' })
    const address = `${headers.get('location')}/stop`
    expect((await served.get(address, post({ 'x-user': 'bob' }))).status).toBe(404)
    expect((await served.get(address, post({ 'x-user': 'ada' }))).status).toBe(200)
  })
})
