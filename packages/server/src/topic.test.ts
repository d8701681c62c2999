import { describe, expect, it } from 'vitest'
import { dataOf, eventsOf, paths, type Served, serve, until } from '../test/served'
import { serveSocket } from '../test/socket'
import type { Authorize } from './hub-options'
import { memoryLog } from './memory-log'
import { topic } from './topic'

const json = { accept: 'application/json' }
/** Who asks is whom the header names. */
const authorize: Authorize = ({ request }) => {
  const user = request.headers.get('x-user') ?? undefined
  return { tenant: request.headers.get('x-tenant') ?? undefined, user }
}

/** A reader that has been greeted: what it hears from then on. */
async function listen(served: Served, address: string, headers: Record<string, string> = {}) {
  const response = await served.get(address, { headers })
  const events = eventsOf(response)
  const hello = (await events.next()).value!
  const next = async () => {
    const { value } = await events.next()
    return value && { ...value, data: JSON.parse(value.data) as unknown }
  }
  return { status: response.status, headers: response.headers, hello, next, leave: () => events.return() }
}

describe.each(paths)('a topic on the %s path', (path) => {
  it('[R74] gives who comes what is published from then on, and who comes back what was missed', async () => {
    const news = topic()
    await using served = await serve(path, { '/api/news': news })
    await news.publish('headline', 'before')
    const reader = await listen(served, '/api/news')
    expect([reader.status, reader.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(dataOf(reader.hello)).toMatchObject({ position: 1, head: 1, state: 'live', resumed: false })
    const id = await news.publish('headline', { title: 'one' })
    expect(await reader.next()).toEqual({ event: 'headline', id, data: { title: 'one' } })
    await reader.leave()
    await news.publish('headline', 'two')
    await news.publish('headline', 'three')
    const back = await listen(served, '/api/news?after=nonsense', { 'last-event-id': id })
    expect(dataOf(back.hello)).toMatchObject({ position: 2, resumed: true })
    expect([await back.next(), await back.next()]).toMatchObject([{ data: 'two' }, { data: 'three' }])
    await back.leave()
    const all = await listen(served, '/api/news?from=start')
    expect((await all.next())?.data).toBe('before')
    await all.leave()
  })

  it('[R74] tells who was away for too long, or comes from an earlier life', async () => {
    const news = topic({ keep: 2 })
    await using served = await serve(path, { '/api/news': news })
    const first = await news.publish('headline', 1)
    for (let index = 2; index <= 4; index++) await news.publish('headline', index)
    const evicted = await listen(served, `/api/news?after=${first}`)
    expect(evicted.hello.id).toBeUndefined()
    expect([await evicted.next(), await evicted.next()]).toMatchObject([
      { event: 'reset', id: first.replace('-1', '-2'), data: { reason: 'evicted', earliest: 3 } },
      { data: 3 },
    ])
    await evicted.leave()
    const other = await listen(served, '/api/news', { 'last-event-id': 'k3Zp9Qxx-3' })
    expect(await other.next()).toMatchObject({ event: 'reset', data: { reason: 'epoch' } })
    await other.leave()
  })

  it('[R75] gives each user what is published to that user of that tenant, in every tab', async () => {
    const inbox = topic({ audience: 'user' })
    await using served = await serve(path, { '/api/inbox': inbox }, { authorize })
    const ada = { 'x-user': 'ada', 'x-tenant': 'x' }
    const tabs = [await listen(served, '/api/inbox', ada), await listen(served, '/api/inbox', ada)]
    const others = [
      await listen(served, '/api/inbox', { 'x-user': 'bob', 'x-tenant': 'x' }),
      await listen(served, '/api/inbox', { 'x-user': 'ada', 'x-tenant': 'y' }),
      await listen(served, '/api/inbox', { 'x-user': 'ada' }),
    ]
    await inbox.publish('mail', 'for ada', { user: 'ada', tenant: 'x' })
    for (const tab of tabs) expect((await tab.next())?.data).toBe('for ada')
    await inbox.publish('mail', 'for bob', { user: 'bob', tenant: 'x' })
    await inbox.publish('mail', 'for the other ada', { user: 'ada', tenant: 'y' })
    await inbox.publish('mail', 'for ada of nobody', { user: 'ada' })
    const heard = await Promise.all(others.map(async (reader) => (await reader.next())?.data))
    expect(heard).toEqual(['for bob', 'for the other ada', 'for ada of nobody'])
    for (const reader of [...tabs, ...others]) await reader.leave()
    expect((await served.get('/api/inbox')).status).toBe(403)
  })

  it('[R75] takes the name of a client for all that it needs where there are no users', async () => {
    const direct = topic({ audience: 'client' })
    await using served = await serve(path, { '/api/direct': direct })
    const [one, two] = ['a'.repeat(22), 'b'.repeat(22)]
    const first = await listen(served, `/api/direct?client=${one}`)
    const second = await listen(served, `/api/direct?client=${two}`)
    await direct.publish('note', 'one', { client: one })
    await direct.publish('note', 'two', { client: two })
    expect([(await first.next())?.data, (await second.next())?.data]).toEqual(['one', 'two'])
    for (const reader of [first, second]) await reader.leave()
    for (const bad of ['', '?client=short', `?client=${'a'.repeat(65)}`, `?client=${'a'.repeat(21)}%0a`]) {
      const refused = await served.get(`/api/direct${bad}`)
      expect([refused.status, (await refused.json()) as unknown]).toMatchObject([
        400,
        { error: { code: 'invalid_client' } },
      ])
    }
    expect(JSON.stringify(served.events)).not.toContain(one)
  })

  it('[R75] keeps the clients of different users apart where there are users', async () => {
    const direct = topic({ audience: 'client' })
    await using served = await serve(path, { '/api/direct': direct }, { authorize })
    const client = 'c'.repeat(22)
    const own = await listen(served, `/api/direct?client=${client}`, { 'x-user': 'ada' })
    const foreign = await listen(served, `/api/direct?client=${client}`, { 'x-user': 'eve' })
    await direct.publish('note', 'secret', { client, user: 'ada' })
    await direct.publish('note', 'for eve', { client, user: 'eve' })
    expect([(await own.next())?.data, (await foreign.next())?.data]).toEqual(['secret', 'for eve'])
    for (const reader of [own, foreign]) await reader.leave()
  })

  it('[R74] is read by pages too, which wait', async () => {
    const news = topic()
    let asked = 0
    const counting: Authorize = () => {
      asked++
      return {}
    }
    await using served = await serve(path, { '/api/news': news }, { authorize: counting })
    const page = async (query: string) => (await served.get(`/api/news${query}`, { headers: json })).json()
    const first = (await page('')) as { next: string }
    expect(first).toEqual({ entries: [], next: expect.stringMatching(/-0$/), head: 0, state: 'live' })
    const waiting = page(`?after=${first.next}&wait=20`)
    await until(() => asked === 2)
    const id = await news.publish('headline', 'one')
    expect(await waiting).toEqual({
      entries: [{ id, event: 'headline', data: 'one' }],
      next: id,
      head: 1,
      state: 'live',
    })
    const lines = await served.get('/api/news?from=start', { headers: { accept: 'application/x-ndjson' } })
    expect(lines.headers.get('content-type')).toContain('ndjson')
    await lines.body?.cancel()
  })

  it('[R42] has nothing that starts or stops', async () => {
    await using served = await serve(path, { '/api/news': topic() })
    const posted = await served.get('/api/news', { method: 'POST', body: '{}' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await served.get('/api/news', { method: 'HEAD' })).status).toBe(200)
    for (const address of ['/api/news/stop', '/api/news/streams', '/api/news/streams/x']) {
      expect((await served.get(address)).status).toBe(404)
    }
    expect(served.hub.counts().readers).toBe(0)
  })

  it('[R46] holds no shutdown up, and says good-bye', async () => {
    const news = topic()
    await using served = await serve(path, { '/api/news': news })
    const reader = await listen(served, '/api/news')
    const began = performance.now()
    await news.publish('headline', 'last')
    await served.hub.close({ drainTimeout: 20_000 })
    expect(performance.now() - began).toBeLessThan(5_000)
    expect([await reader.next(), await reader.next()]).toMatchObject([
      { data: 'last' },
      { event: 'bye', data: { reason: 'drain' } },
    ])
    expect((await served.get('/api/news')).status).toBe(503)
  })
})

describe('a topic', () => {
  it('[R54] is read over a WebSocket by its path', async () => {
    const news = topic()
    await using served = await serveSocket({ '/api/news': news })
    const id = await news.publish('headline', 'one')
    const client = await served.open()
    client.say({ type: 'read', id: 1, location: '/api/news' })
    client.say({ type: 'read', id: 2, location: '/api/news', after: id.replace('-1', '-0') })
    await client.hear('opened', 2)
    await until(() => client.events(2).length === 2)
    await news.publish('headline', 'two')
    await until(() => client.events(1).length === 2 && client.events(2).length === 3)
    const heard = (exchange: number) => client.events(exchange).map(({ event, data }) => [event, JSON.parse(data)])
    expect(heard(1).at(-1)).toEqual(['headline', 'two'])
    expect(heard(2).slice(1)).toEqual([
      ['headline', 'one'],
      ['headline', 'two'],
    ])
    client.say({ type: 'leave', id: 1 })
    await client.hear('closed', 1)
    expect((await client.hear('opened', 2)).status).toBe(200)
  })

  it('brings every message once and in order to readers that come and go', async () => {
    const news = topic()
    await using served = await serve('node', { '/api/news': news })
    const total = 600
    const publishing = (async () => {
      for (let index = 1; index <= total; index++) {
        await news.publish('count', index)
        if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    /** Leaves after some events, again and again, and comes back with its cursor. */
    const follow = async (patience: number) => {
      const seen: number[] = []
      let cursor = ''
      while (seen.at(-1) !== total) {
        const response = await served.get(`/api/news?from=start`, {
          headers: cursor ? { 'last-event-id': cursor } : {},
        })
        let left = patience
        for await (const { event, id, data } of eventsOf(response)) {
          cursor = id ?? cursor
          if (event !== 'count') continue
          seen.push(JSON.parse(data))
          if (--left === 0 || seen.at(-1) === total) break
        }
      }
      return seen
    }
    const seen = await Promise.all([7, 50, 1_000].map(follow))
    await publishing
    const all = Array.from({ length: total }, (_, index) => index + 1)
    expect(seen).toEqual([all, all, all])
    await until(() => served.hub.counts().readers === 0)
  })

  it('keeps the order of messages that nobody waits for', async () => {
    const [news, mail] = [topic(), topic({ audience: 'client' })]
    await using served = await serve('node', { '/api/news': news, '/api/mail': mail })
    const clients = ['a', 'b'].map((name) => name.repeat(22))
    const ids = await Promise.all(Array.from({ length: 500 }, (_, index) => news.publish('headline', index)))
    expect(ids.map((id) => Number(id.split('-').at(-1)))).toEqual(ids.map((_, index) => index + 1))
    const sent = clients.flatMap((client) => Array.from({ length: 100 }, () => mail.publish('mail', 1, { client })))
    const numbers = (await Promise.all(sent)).map((id) => Number(id.split('-').at(-1)))
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
    expect(numbers).toEqual([...hundred, ...hundred])
    expect(served.url).toBeDefined()
  })

  it('answers 503 where there is no room for one more', async () => {
    const direct = topic({ audience: 'client' })
    await using served = await serve('node', { '/api/direct': direct }, { log: memoryLog({ maxTopics: 1 }) })
    const reader = await listen(served, `/api/direct?client=${'a'.repeat(22)}`)
    const refused = await served.get(`/api/direct?client=${'b'.repeat(22)}`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    await reader.leave()
    await until(() => served.hub.counts().readers === 0)
    const next = await listen(served, `/api/direct?client=${'b'.repeat(22)}`)
    expect(next.status).toBe(200)
    await next.leave()
  })

  it('refuses what nobody would get, with a sentence', async () => {
    const [everyone, inbox, direct] = [topic(), topic({ audience: 'user' }), topic({ audience: 'client' })]
    await expect(everyone.publish('headline', 1)).rejects.toMatchObject({
      message: expect.stringContaining('createHandler'),
    })
    const routes = { '/a': everyone, '/b': inbox, '/c': direct }
    await using served = await serve('node', routes, { authorize, limits: { entryBytes: 100 } })
    expect(served.hub.state).toBe('open')
    const attempts = [
      () => everyone.publish('end', 1),
      () => everyone.publish('headline', undefined),
      // @ts-expect-error A message to everybody names nobody.
      () => everyone.publish('headline', 1, { user: 'ada' }),
      // @ts-expect-error A message to a user names one.
      () => inbox.publish('mail', 1),
      () => inbox.publish('mail', 1, {} as never),
      () => inbox.publish('mail', 1, { user: 5 } as never),
      () => inbox.publish('mail', 1, null as never),
      // @ts-expect-error Nor is a number anybody.
      () => everyone.publish('headline', 1, 5),
      () => everyone.publish('headline', { big: 1n }),
      () => everyone.publish(undefined as never, 1),
      () => inbox.publish('mail', 1, { user: 'ada', client: 'a'.repeat(22) } as never),
      () => direct.publish('note', 1, { client: 'short' }),
      // @ts-expect-error A message to a client names one.
      () => direct.publish('note', 1, { user: 'ada' }),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'option' })
    await expect(everyone.publish('headline', 'x'.repeat(100))).rejects.toMatchObject({ code: 'too-large' })
  })

  it('refuses options, paths and hubs that cannot be', async () => {
    for (const wrong of [{ audience: 'all' }, { keep: 0 }, { keepBytes: 1.5 }, { keepFor: -1 }, { keeps: 1 }]) {
      expect(() => topic(wrong as never)).toThrow(expect.objectContaining({ code: 'option' }))
    }
    const without = { ...memoryLog() }
    delete without.topics
    const news = topic()
    await using served = await serve('node', { '/api/news': news })
    expect(served.hub.state).toBe('open')
    const mounts: Parameters<typeof serve>[] = [
      ['node', { '/api/inbox': topic({ audience: 'user' }) }],
      ['node', { '/api/news': topic() }, { log: without }],
      ['node', { '/api/again': news }],
      ['node', { '/api/chat': () => undefined, '/api/chat/stop': topic() }],
    ]
    for (const mount of mounts) await expect(serve(...mount)).rejects.toMatchObject({ code: 'option' })
  })

  it('asks the authorize hook to read, with no stream', async () => {
    const asked: unknown[] = []
    const spy: Authorize = ({ verb, route, stream }) => {
      asked.push({ verb, route, stream })
      return route === '/api/news' ? {} : undefined
    }
    await using served = await serve('node', { '/api/news': topic(), '/api/closed': topic() }, { authorize: spy })
    expect((await served.get('/api/closed')).status).toBe(403)
    const reader = await listen(served, '/api/news')
    await reader.leave()
    expect(asked).toEqual([
      { verb: 'read', route: '/api/closed', stream: undefined },
      { verb: 'read', route: '/api/news', stream: undefined },
    ])
  })

  it('leaves nobody attached who has left', async () => {
    const news = topic()
    await using served = await serve('node', { '/api/news': news })
    const response = await served.get('/api/news')
    await until(() => served.hub.counts().readers === 1)
    await response.body?.cancel()
    await until(() => served.hub.counts().readers === 0)
  })
})
