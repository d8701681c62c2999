import { keepstream, type Message, type MessagePart, persistent, registry } from '@keepstream/core'
import { endFrame, helloFrame, type ScriptedStep, scriptedTransport, textFrame } from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { type ReactNode, Suspense } from 'react'
import { renderToString } from 'react-dom/server'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { chat, compare, Page, type Shows, stream, task } from '../test/page'
import { type UseSuspenseStreamOptions, useSuspenseStream } from './index'

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

function script(...attempts: readonly (readonly ScriptedStep[])[]) {
  onTestFinished(() => registry.clear())
  return scriptedTransport(...attempts)
}

/** What a server sends of the page: there is no window there. */
function renderOnServer(page: ReactNode): string {
  vi.stubGlobal('window', undefined)
  try {
    return renderToString(page)
  } finally {
    vi.unstubAllGlobals()
  }
}

/** The page in a browser that was given what a server rendered. */
function hydrate(page: ReactNode, html: string, { strict = false } = {}) {
  const container = document.createElement('main')
  container.innerHTML = html
  document.body.append(container)
  const mismatches: unknown[] = []
  const onRecoverableError = (error: unknown) => void mismatches.push(error)
  render(page, { container, hydrate: true, reactStrictMode: strict, onRecoverableError })
  return { mismatches, text: () => container.textContent }
}

function both<TOptions, TView>(shows: Shows<TOptions, TView>, options: TOptions) {
  const views: TView[] = []
  const page = <Page shows={shows} components={[options]} report={(_, view) => void views.push(view)} />
  return { views, page, html: renderOnServer(page) }
}

function Suspended({ options }: { options: UseSuspenseStreamOptions<MessagePart, Message> }) {
  const { status, data } = useSuspenseStream(options)
  return <output>{`${status}: ${data.text}`}</output>
}

const idleChat = 'idle\nuser: Hi\nassistant done: Hello'

describe('what the server rendered is hydrated without a mismatch, and', () => {
  const messages = [
    { id: 'a', role: 'user', content: 'Hi' },
    { id: 'b', role: 'assistant', content: 'Hello', status: 'done' },
  ] as const

  it('a GET stream connects then, once, in StrictMode too', async () => {
    const transport = script([helloFrame(), textFrame(1, 'Hello'), 'hang'])
    const { page, html } = both(stream, { protocol: keepstream(), transport, method: 'GET', url: '/streams/1' })
    expect([html, transport.attempts]).toEqual(['<output>idle: </output>', []])
    const { text, mismatches } = hydrate(page, html, { strict: true })
    await expect.poll(text).toBe('streaming: Hello')
    expect([mismatches, transport.attempts.length, transport.open]).toEqual([[], 1, 1])
  })

  it('a stream that was running already is shown then', async () => {
    const transport = script([helloFrame(), textFrame(1, 'Hello'), 'hang'])
    const options = { protocol: keepstream(), transport, key: 'hydrated' }
    const { page, html, views } = both(stream, options)
    const run = registry.get(options)
    void run.start()
    await expect.poll(() => run.get().data.text).toBe('Hello')
    const { text, mismatches } = hydrate(page, html)
    await expect.poll(text).toBe('streaming: Hello')
    expect(views.map(({ status }) => status)).toEqual(['idle', 'streaming'])
    expect([mismatches, transport.attempts.length]).toEqual([[], 1])
  })

  it('a conversation is the one that it was given, and asks nothing before somebody does', async () => {
    const transport = script([helloFrame(), textFrame(1, 'Fine'), endFrame(2)])
    const { page, html, views } = both(chat, { transport, messages })
    const { text, mismatches } = hydrate(page, html)
    expect([text(), transport.attempts.length]).toEqual([idleChat, 0])
    await views.at(-1)?.send('And you?')
    await expect.poll(text).toBe(`done${idleChat.slice('idle'.length)}\nuser: And you?\nassistant done: Fine`)
    expect(mismatches).toEqual([])
  })

  it('a conversation that was under way on another route is shown then', async () => {
    const transport = script([helloFrame(), textFrame(1, 'Fi'), 'hang'])
    const options = { transport, messages, key: 'hydrated-chat' }
    const { page, html, views } = both(chat, options)
    const left = render(page)
    void views.at(-1)?.send('And you?')
    const running = `streaming${idleChat.slice('idle'.length)}\nuser: And you?\nassistant streaming: Fi`
    await expect.poll(() => left.container.textContent).toBe(running)
    left.unmount()
    const { text, mismatches } = hydrate(page, html)
    await expect.poll(text).toBe(running)
    expect([mismatches, transport.attempts.length]).toEqual([[], 1])
  })

  it('a task that was under way before a reload is rejoined then', async () => {
    sessionStorage.setItem('keepstream:t', JSON.stringify({ start: { key: 'a' }, location: '/tasks/a' }))
    const progress = { event: 'progress', data: '40', id: 'k-1' }
    const transport = script([helloFrame(), progress, 'hang'])
    const { page, html } = both(task, { transport, persist: persistent('t') })
    expect(transport.attempts).toEqual([])
    const { text, mismatches } = hydrate(page, html)
    await expect.poll(text).toBe('streaming: 40% ')
    expect([mismatches, transport.attempts.map(({ location }) => location)]).toEqual([[], ['/tasks/a']])
  })

  it('a comparison asks nothing', async () => {
    const transport = script()
    const { page, html } = both(compare, { transport, models: ['small', 'large'] })
    const { text, mismatches } = hydrate(page, html)
    expect([text(), mismatches, transport.attempts]).toEqual(['at rest\nsmall idle: \nlarge idle: ', [], []])
  })

  it('an answer that suspends is idle until it is asked for', async () => {
    const transport = script()
    const page = (
      <Suspense fallback="Waiting">
        <Suspended options={{ protocol: keepstream(), transport, key: 'suspended' }} />
      </Suspense>
    )
    const html = renderOnServer(page)
    expect(html).toContain('<output>idle: </output>')
    expect(hydrate(page, html)).toMatchObject({ mismatches: [] })
  })
})

describe('a server', () => {
  it('renders the fallback of a GET stream that suspends, which the browser reads', async () => {
    const transport = script([helloFrame(), textFrame(1, 'Hello'), 'hang'])
    const options = { protocol: keepstream(), transport, key: 'read', method: 'GET', url: '/streams/1' } as const
    const page = (
      <Suspense fallback="Waiting">
        <Suspended options={options} />
      </Suspense>
    )
    const html = renderOnServer(page)
    expect([html.includes('Waiting'), html.includes('<output>'), transport.attempts]).toEqual([true, false, []])
    const { text } = hydrate(page, html)
    await expect.poll(text).toBe('streaming: Hello')
    expect(transport.attempts).toHaveLength(1)
  })
})
