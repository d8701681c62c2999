// @vitest-environment node
import { PassThrough } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { createRegistry, keepstream, type Message, type MessagePart, type StreamDefaults } from '@keepstream/core'
import { scriptedTransport, serverPagesContract, serverRenderContract } from '@keepstream/testing/contracts'
import { type ReactNode, Suspense, version } from 'react'
import { renderToPipeableStream, renderToString } from 'react-dom/server'
import { renderToReadableStream } from 'react-dom/server.browser'
import { describe, expect, it } from 'vitest'
import { chat, compare, Page, type Shows, stream, task } from '../test/page'
import { KeepstreamProvider, type UseSuspenseStreamOptions, useChat, useSuspenseStream } from './index'

const render =
  <TOptions, TView>(shows: Shows<TOptions, TView>) =>
  (components: readonly TOptions[], defaults: readonly StreamDefaults[] = []) =>
    renderToString(<Page shows={shows} components={components} defaults={defaults} />)

serverRenderContract(`React ${version}`, render(stream))
serverPagesContract(`React ${version}`, {
  stream: render(stream),
  chat: render(chat),
  task: render(task),
  compare: render(compare),
})

type Render = (page: ReactNode, errors: unknown[]) => Promise<string>

/** Both ways to send a page while it is rendered; with a shell that cannot be rendered both reject. */
const streamed: readonly (readonly [string, Render])[] = [
  [
    'renderToPipeableStream',
    (page, errors) =>
      new Promise((resolve, reject) => {
        const { pipe } = renderToPipeableStream(page, {
          onError: (error) => void errors.push(error),
          onShellError: reject,
          onShellReady: () => resolve(textOf(pipe(new PassThrough()))),
        })
      }),
  ],
  [
    'renderToReadableStream',
    async (page, errors) => textOf(await renderToReadableStream(page, { onError: (error) => void errors.push(error) })),
  ],
]

/** Suspends until `ready`, so that two pages are rendered by turns. */
function Late({ ready, children }: { ready: { promise: Promise<void>; over?: boolean }; children: ReactNode }) {
  if (!ready.over) throw ready.promise.then(() => void Object.assign(ready, { over: true }))
  return children
}

function Named({ said }: { said: string }) {
  const messages = [{ id: said, role: 'user', content: said }] as const
  const chat = useChat({ url: '/api/chat', key: 'support', messages })
  return <output>{chat.messages.map(({ content }) => content).join()}</output>
}

function Suspended({ options }: { options: UseSuspenseStreamOptions<MessagePart, Message> }) {
  return <output>{useSuspenseStream(options).status}</output>
}

describe.each(streamed)('%s', (_, send) => {
  it('sends all functions of the binding as they are at first, and connects nothing', async () => {
    const [transport, errors] = [scriptedTransport(), [] as unknown[]]
    const html = await send(
      <KeepstreamProvider defaults={{ registry: createRegistry() }}>
        <Page shows={stream} components={[{ protocol: keepstream(), transport, method: 'GET', url: '/streams/1' }]} />
        <Page shows={chat} components={[{ transport, key: 'chat' }]} />
        <Page shows={task} components={[{ transport }]} />
        <Page shows={compare} components={[{ transport, models: ['small'] }]} />
      </KeepstreamProvider>,
      errors,
    )
    expect([...html.matchAll(/<output>(.*?)<\/output>/gs)].map(([, shown]) => shown)).toEqual([
      'idle: ',
      'idle',
      'idle: 0% ',
      'at rest\nsmall idle: ',
    ])
    await new Promise((resolve) => setTimeout(resolve))
    expect([errors, transport.attempts]).toEqual([[], []])
  })

  it('renders two people at once who never meet, each with the registry of the request', async () => {
    const gates = ['Ann', 'Bob'].map(() => {
      let open = () => {}
      const promise = new Promise<void>((resolve) => {
        open = resolve
      })
      return { ready: { promise }, open: () => open() }
    })
    const pages = ['Ann', 'Bob'].map((said, person) => {
      const page = (
        <KeepstreamProvider defaults={{ registry: createRegistry() }}>
          <Named said={said} />
          <Suspense fallback="Waiting">
            <Late ready={gates[person]!.ready}>
              <Named said={`${said} again`} />
            </Late>
          </Suspense>
        </KeepstreamProvider>
      )
      return send(page, [])
    })
    gates[1]?.open()
    gates[0]?.open()
    const shown = (await Promise.all(pages)).map((html) =>
      [...html.matchAll(/<output>(.*?)</g)].map(([, said]) => said),
    )
    // The conversation of a key is that of whoever asked first: in this request.
    expect(shown).toEqual([
      ['Ann', 'Ann'],
      ['Bob', 'Bob'],
    ])
  })

  it('sends the fallback of a GET stream that suspends, and says why', async () => {
    const [transport, errors] = [scriptedTransport(), [] as unknown[]]
    const options = { protocol: keepstream(), transport, key: 'read', method: 'GET', url: '/streams/1' } as const
    const html = await send(
      <Suspense fallback="Waiting">
        <Suspended options={options} />
      </Suspense>,
      errors,
    )
    expect([html.includes('Waiting'), html.includes('<output>'), transport.attempts]).toEqual([true, false, []])
    expect(errors).toMatchObject([{ code: 'unsupported', message: expect.stringContaining('<Suspense>') }])
    await expect(send(<Suspended options={options} />, [])).rejects.toMatchObject({ code: 'unsupported' })
  })
})
