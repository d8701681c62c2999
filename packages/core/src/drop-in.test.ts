// Above 150 lines: each documented behaviour over both packages, then each fault that is repaired.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FetchEventSourceInit as TheirInit, fetchEventSource as theirs } from '@microsoft/fetch-event-source'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bodyOf, serve, stream } from '../test/http-server'
import { type EventSourceMessage, type FetchEventSourceInit, fetchEventSource as ours } from './drop-in'

type Client = (input: RequestInfo, init: FetchEventSourceInit) => Promise<void>

/** A page that can be hidden: as much of one as the two look at. */
function fakePage() {
  const target = Object.assign(new EventTarget(), { hidden: false, listeners: 0 })
  const page = {
    get hidden() {
      return target.hidden
    },
    get visibilityState() {
      return target.hidden ? 'hidden' : 'visible'
    },
    addEventListener(type: string, listener: () => void) {
      target.listeners++
      target.addEventListener(type, listener)
    },
    removeEventListener(type: string, listener: () => void) {
      target.listeners--
      target.removeEventListener(type, listener)
    },
  }
  const show = (hidden: boolean) => {
    target.hidden = hidden
    target.dispatchEvent(new Event('visibilitychange'))
  }
  return { page, show, target }
}

interface Asked {
  readonly method: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly response: ServerResponse
  readonly at: number
}

/** Answers request number `n`, counted from 1, and remembers it. */
async function record(answer: (response: ServerResponse, n: number) => void) {
  const asked: Asked[] = []
  const url = await serve(async (request, response) => {
    const body = await bodyOf(request)
    asked.push({ method: request.method!, headers: request.headers, body, response, at: performance.now() })
    answer(response, asked.length)
  })
  return { url, asked }
}

const lastIds = (asked: readonly Asked[]) => asked.map(({ headers }) => headers['last-event-id'])

let page: ReturnType<typeof fakePage>
let leave: AbortController

beforeEach(() => {
  page = fakePage()
  leave = new AbortController()
})

afterEach(() => {
  leave.abort()
  vi.unstubAllGlobals()
})

/** Their package needs both of a page; ours looks at one. */
function enterPage(): void {
  vi.stubGlobal('document', page.page)
  vi.stubGlobal('window', globalThis)
}

class Fatal extends Error {}

const giveUp = (error: unknown) => {
  throw error
}

describe.each<[string, Client]>([
  ['@microsoft/fetch-event-source', theirs as Client],
  ['ours', ours],
])('as its documentation says, fetchEventSource of %s', (_, fetchEventSource) => {
  beforeEach(enterPage)

  test('sends what fetch would, and says what it accepts', async () => {
    const { url, asked } = await record((response) => stream(response).end())
    const headers = { 'content-type': 'application/json', 'X-Tenant': '1' }
    await fetchEventSource(url, { method: 'POST', headers, body: '{"foo":"bar"}' })
    expect(asked).toMatchObject([
      {
        method: 'POST',
        body: '{"foo":"bar"}',
        headers: { 'content-type': 'application/json', 'x-tenant': '1', accept: 'text/event-stream' },
      },
    ])
  })

  test('calls onopen with the response, then onmessage with each event, then onclose, then resolves', async () => {
    const { url } = await record((response) =>
      stream(response, { 'x-a': '1' }).end(
        'id: 1\nevent: greeting\nretry: 700\ndata: 안녕\ndata: 둘\n\ndata: two\nid: 2\n\n',
      ),
    )
    const calls: unknown[] = []
    await fetchEventSource(url, {
      async onopen(response) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        calls.push(['open', response.status, response.headers.get('x-a')])
      },
      onmessage: (message) => calls.push(message),
      onclose: () => calls.push('close'),
    })
    expect(calls).toEqual([
      ['open', 200, '1'],
      { id: '1', event: 'greeting', retry: 700, data: '안녕\n둘' },
      { id: '2', event: '', retry: undefined, data: 'two' },
      'close',
    ])
  })

  test('connects again with the last id where onclose throws', async () => {
    const { url, asked } = await record((response, n) => stream(response).end(`id: ${n}\ndata: ${n}\n\n`))
    const data: string[] = []
    await fetchEventSource(url, {
      onmessage: (message) => data.push(message.data),
      onclose() {
        if (asked.length < 3) throw new Error('The server closed.')
      },
      onerror: () => 1,
    })
    expect(data).toEqual(['1', '2', '3'])
    expect(lastIds(asked)).toEqual([undefined, '1', '2'])
  })

  test('connects again after as many milliseconds as onerror returns', async () => {
    const { url, asked } = await record((response, n) => {
      if (n === 1) response.destroy()
      else stream(response).end()
    })
    await fetchEventSource(url, { onerror: () => 150 })
    expect(asked[1]!.at - asked[0]!.at).toBeGreaterThan(140)
  })

  test('connects again by itself where onerror returns nothing, after the interval that the server named', async () => {
    const { url, asked } = await record((response, n) => {
      if (n === 1) stream(response).write('retry: 60\nid: 7\ndata: a\n\n')
      else stream(response).end()
    })
    const onerror = vi.fn()
    let cutAt = 0
    const onmessage = () => {
      cutAt = performance.now()
      asked[0]!.response.destroy()
    }
    await fetchEventSource(url, { onmessage, onerror })
    expect(lastIds(asked)).toEqual([undefined, '7'])
    expect(onerror).toHaveBeenCalledOnce()
    const waited = asked[1]!.at - cutAt
    expect(waited).toBeGreaterThan(40)
    // Less than the interval of their own.
    expect(waited).toBeLessThan(950)
  })

  test.each<[string, FetchEventSourceInit]>([
    ['onopen', { onopen: () => giveUp(new Fatal('no')) }],
    ['onmessage', { onmessage: () => giveUp(new Fatal('no')) }],
    ['onclose', { onclose: () => giveUp(new Fatal('no')) }],
  ])('hands what %s throws to onerror as it is, and rejects with what onerror throws', async (_, callbacks) => {
    const { url, asked } = await record((response) => stream(response).end('data: a\n\n'))
    const seen: unknown[] = []
    const refused = fetchEventSource(url, {
      ...callbacks,
      onerror(error) {
        seen.push(error)
        throw new Fatal('given up')
      },
    })
    await expect(refused).rejects.toThrow('given up')
    expect(seen).toEqual([new Fatal('no')])
    expect(seen[0]).toBeInstanceOf(Fatal)
    expect(asked).toHaveLength(1)
  })

  test('does not deliver again what onmessage threw at', async () => {
    const { url, asked } = await record((response, n) => {
      if (n === 1) stream(response).write('id: 1\ndata: a\n\n')
      else stream(response).end('id: 2\ndata: b\n\n')
    })
    const data: string[] = []
    await fetchEventSource(url, {
      onmessage(message) {
        data.push(message.data)
        if (message.data === 'a') throw new Error('not now')
      },
      onerror: () => 1,
    })
    expect(data).toEqual(['a', 'b'])
    expect(lastIds(asked)).toEqual([undefined, '1'])
  })

  test('refuses another content type where there is no onopen', async () => {
    const { url } = await record((response) => response.setHeader('content-type', 'text/html').end('<html>'))
    await expect(fetchEventSource(url, { onerror: giveUp })).rejects.toThrow(/text\/html/)
  })

  test('lets onopen accept what it likes', async () => {
    const { url } = await record((response) => response.setHeader('content-type', 'text/plain').end('data: a\n\n'))
    const data: string[] = []
    await fetchEventSource(url, { onopen: async () => {}, onmessage: (message) => data.push(message.data) })
    expect(data).toEqual(['a'])
  })

  test('resolves when it is aborted, and closes the connection', async () => {
    const closed = vi.fn()
    const { url } = await record((response) => {
      response.once('close', closed)
      stream(response).write('data: a\n\n')
    })
    await fetchEventSource(url, { signal: leave.signal, onmessage: () => leave.abort(), onerror: giveUp })
    await expect.poll(() => closed.mock.calls.length).toBe(1)
    expect(page.target.listeners).toBeLessThanOrEqual(0)
  })

  test('uses the fetch that it is given', async () => {
    const { url, asked } = await record((response) => stream(response).end())
    const mine: typeof fetch = (input, init) =>
      fetch(input, { ...init, headers: { ...(init!.headers as Record<string, string>), 'x-token': 't' } })
    await fetchEventSource(url, { fetch: mine, headers: { 'x-own': 'o' } })
    expect(asked[0]!.headers).toMatchObject({ 'x-token': 't', 'x-own': 'o', accept: 'text/event-stream' })
  })

  test('leaves when the page is hidden, and comes back with the last id when it is shown', async () => {
    const closed = vi.fn()
    const { url, asked } = await record((response, n) => {
      response.once('close', closed)
      stream(response)[n === 1 ? 'write' : 'end'](`id: ${n}\ndata: ${n}\n\n`)
    })
    const data: string[] = []
    const onerror = vi.fn()
    const done = fetchEventSource(url, { onmessage: (message) => data.push(message.data), onerror })
    await expect.poll(() => data).toEqual(['1'])
    page.show(true)
    await expect.poll(() => closed.mock.calls.length).toBe(1)
    expect(asked).toHaveLength(1)
    page.show(false)
    await done
    expect(data).toEqual(['1', '2'])
    expect(lastIds(asked)).toEqual([undefined, '1'])
    expect(onerror).not.toHaveBeenCalled()
  })

  test('stays on a hidden page with openWhenHidden', async () => {
    const { url, asked } = await record((response) => stream(response).write('id: 1\ndata: a\n\n'))
    const data: string[] = []
    const done = fetchEventSource(url, { openWhenHidden: true, onmessage: (message) => data.push(message.data) })
    await expect.poll(() => data).toEqual(['a'])
    page.show(true)
    page.show(false)
    asked[0]!.response.end('data: b\n\n')
    await done
    expect(data).toEqual(['a', 'b'])
    expect(asked).toHaveLength(1)
  })
})

test('whatever was given to theirs can be given to ours, which the compiler checks', () => {
  const accepted: (input: RequestInfo, init: TheirInit) => Promise<void> = ours
  expect(accepted).toBe(ours)
})

describe('when the network is back', () => {
  /** A window that says so. */
  function enterWindow(): () => void {
    const target = new EventTarget()
    vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
    vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target))
    return () => target.dispatchEvent(new Event('online'))
  }

  test('a connection that may be dead is made again, from the last id and without a word to onerror', async () => {
    const online = enterWindow()
    const { url, asked } = await record((response, n) => {
      stream(response)[n === 1 ? 'write' : 'end'](`id: ${n}\ndata: ${n}\n\n`)
    })
    const data: string[] = []
    const onerror = vi.fn()
    const done = ours(url, { method: 'POST', onmessage: (message) => data.push(message.data), onerror })
    await expect.poll(() => data).toEqual(['1'])
    online()
    await done
    expect(lastIds(asked)).toEqual([undefined, '1'])
    expect(data).toEqual(['1', '2'])
    expect(onerror).not.toHaveBeenCalled()
  })

  test('but not one whose request a model would answer anew', async () => {
    const online = enterWindow()
    const { url, asked } = await record((response) => stream(response).write('data: a\n\n'))
    const data: string[] = []
    const done = ours(url, { method: 'POST', onmessage: (message) => data.push(message.data) })
    await expect.poll(() => data).toEqual(['a'])
    online()
    asked[0]!.response.end('data: b\n\n')
    await done
    expect(data).toEqual(['a', 'b'])
    expect(asked).toHaveLength(1)
  })
})

describe('what was wrong', () => {
  const clients = { theirs: theirs as Client, ours }

  /** What both make of the same server. */
  async function compare<T>(run: (client: Client) => Promise<T>): Promise<{ theirs: T; ours: T }> {
    enterPage()
    return { theirs: await run(clients.theirs), ours: await run(clients.ours) }
  }

  test('a cut inside an event lost that event', async () => {
    const both = await compare(async (client) => {
      const { url, asked } = await record((response, n) => {
        const last = response.req.headers['last-event-id']
        if (n > 1) stream(response).end(last === '1' ? 'id: 2\ndata: b\n\n' : '')
        else stream(response).write('id: 1\ndata: a\n\nid: 2\ndata: b\n')
      })
      const data: string[] = []
      await client(url, {
        onmessage(message) {
          data.push(message.data)
          // The rest of what was written has been read with it.
          if (asked.length === 1) setTimeout(() => asked[0]!.response.socket?.resetAndDestroy())
        },
        onerror: () => 1,
      })
      return data.join('')
    })
    expect(both).toEqual({ theirs: 'a', ours: 'ab' })
  })

  test('heartbeats and blocks without data came as messages', async () => {
    const both = await compare(async (client) => {
      const { url } = await record((response) => stream(response).end(':h 1\n\nid: 5\n\ndata: a\n\n'))
      const messages: EventSourceMessage[] = []
      await client(url, { onmessage: (message) => messages.push(message) })
      return messages.map(({ data }) => data)
    })
    expect(both).toEqual({ theirs: ['', '', 'a'], ours: ['a'] })
  })

  test('a signal that was aborted before was not seen', async () => {
    const both = await compare(async (client) => {
      const { url, asked } = await record((response) => stream(response).end())
      await client(url, { signal: AbortSignal.abort() })
      return asked.length
    })
    expect(both).toEqual({ theirs: 1, ours: 0 })
  })

  test('messages of the same read came after it was aborted', async () => {
    const both = await compare(async (client) => {
      const { url } = await record((response) => stream(response).end('data: a\n\ndata: b\n\n'))
      const controller = new AbortController()
      const data: string[] = []
      const onmessage = (message: EventSourceMessage) => {
        data.push(message.data)
        controller.abort()
      }
      await client(url, { signal: controller.signal, onmessage })
      return data.join('')
    })
    expect(both).toEqual({ theirs: 'ab', ours: 'a' })
  })

  test('a Request with a body could be sent only once', async () => {
    const both = await compare(async (client) => {
      const { url, asked } = await record((response, n) => {
        if (n === 1) response.destroy()
        else stream(response).end()
      })
      const errors: unknown[] = []
      const input = new Request(url, { method: 'POST', body: 'x' })
      const onerror = (error: unknown) => {
        if (errors.push(error) === 2) throw error
        return 1
      }
      await client(input, { onerror }).catch(() => {})
      return asked.map(({ body }) => body)
    })
    expect(both).toEqual({ theirs: ['x'], ours: ['x', 'x'] })
  })

  test('204 was no end', async () => {
    const both = await compare(async (client) => {
      const { url } = await record((response) => response.writeHead(204).end())
      return client(url, { onerror: giveUp }).then(
        () => 'resolved',
        () => 'rejected',
      )
    })
    expect(both).toEqual({ theirs: 'rejected', ours: 'resolved' })
  })

  test('a model was asked again when a page came back that no id could tell where to go on', async () => {
    const both = await compare(async (client) => {
      const { url, asked } = await record((response) => stream(response).write('data: a\n\n'))
      const data: string[] = []
      const done = client(url, { method: 'POST', body: '{}', onmessage: (message) => data.push(message.data) })
      await expect.poll(() => data.length).toBe(1)
      page.show(true)
      page.show(false)
      asked[0]!.response.write('data: b\n\n')
      await expect.poll(() => data.length).toBe(2)
      for (const { response } of asked) response.end()
      await done
      return { asked: asked.length, text: data.join('') }
    })
    expect(both).toEqual({ theirs: { asked: 2, text: 'aa' }, ours: { asked: 1, text: 'ab' } })
  })

  test('a permanent refusal was repeated for ever', async () => {
    const { url, asked } = await record((response) => response.writeHead(404).end())
    await expect(ours(url, {})).rejects.toMatchObject({ code: 'http', status: 404 })
    expect(asked).toHaveLength(1)
  })

  test('but one that passes is repeated, no sooner than its Retry-After says', async () => {
    const { url, asked } = await record((response, n) => {
      if (n === 1) response.writeHead(503, { 'retry-after': '1' }).end()
      else stream(response).end()
    })
    await ours(url, { retry: { baseDelay: 0 } })
    expect(asked[1]!.at - asked[0]!.at).toBeGreaterThan(990)
  })

  test('outside a page it never settled', async () => {
    expect(globalThis.document).toBeUndefined()
    const { url } = await record((response) => stream(response).end('data: a\n\n'))
    const data: string[] = []
    await ours(url, { onmessage: (message) => data.push(message.data) })
    await expect(ours(`${url}/x`, { onopen: () => giveUp(new Fatal('no')), onerror: giveUp })).rejects.toThrow('no')
    expect(data).toEqual(['a'])
  })

  test('what can never be asked, and a callback that is none, were tried again for ever', async () => {
    await expect(ours('/api/chat')).rejects.toMatchObject({
      code: 'option',
      message: expect.stringContaining('`input`'),
    })
    await expect(ours('http://')).rejects.toMatchObject({ code: 'option' })
    for (const name of ['onopen', 'onmessage', 'onclose', 'onerror']) {
      const refusal = { code: 'option', message: expect.stringContaining(`\`${name}\``) }
      await expect(ours('http://a.invalid', { [name]: 3 })).rejects.toMatchObject(refusal)
    }
    // Who fetches by another way knows other addresses.
    await ours('/api/chat', { fetch: async () => new Response(null, { status: 204 }) })
  })

  test('silence was waited out for ever, where now a clock can be set', async () => {
    const { url, asked } = await record((response, n) => {
      if (n === 1) stream(response).write('id: 1\ndata: a\n\n')
      else stream(response).end('id: 2\ndata: b\n\n')
    })
    const data: string[] = []
    await ours(url, {
      clocks: { liveness: 300 },
      retry: { baseDelay: 1 },
      onmessage: (message) => data.push(message.data),
    })
    expect(data).toEqual(['a', 'b'])
    expect(lastIds(asked)).toEqual([undefined, '1'])
  })
})
