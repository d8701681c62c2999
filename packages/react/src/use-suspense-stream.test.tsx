import { createRegistry, keepstream, type Message, type MessagePart, persistent, StreamError } from '@keepstream/core'
import {
  createGate,
  endFrame,
  helloFrame,
  type ScriptedStep,
  scriptedTransport,
  textFrame,
} from '@keepstream/testing/contracts'
import { render, screen } from '@testing-library/react'
import * as React from 'react'
import { type ReactNode, StrictMode, Suspense, startTransition, useState } from 'react'
import { renderToString } from 'react-dom/server'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Boundary, type Fallback } from '../test/boundary'
import {
  KeepstreamProvider,
  registry as pageRegistry,
  type UseSuspenseStreamOptions,
  useStream,
  useSuspenseStream,
} from './index'

type Options = Partial<UseSuspenseStreamOptions<MessagePart, Message>>

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

let keys = 0

function over(script: readonly (readonly ScriptedStep[])[], options: Options = {}) {
  const transport = scriptedTransport(...script)
  onTestFinished(() => pageRegistry.clear())
  const given = {
    protocol: keepstream(),
    transport,
    retry: { baseDelay: 0, maxDelay: 0 },
    key: `suspense-${++keys}`,
    ...options,
  }
  return { transport, options: given }
}

const readsFrom = (url: string): Options => ({ method: 'GET', url })

function Answer({ options }: { options: UseSuspenseStreamOptions<MessagePart, Message> }) {
  const { status, data, error, start } = useSuspenseStream(options)
  return (
    <button type="button" onClick={() => void start()}>
      {`${status}: ${data.text}${error ? ` (${error.message})` : ''}`}
    </button>
  )
}

interface FailedProps {
  readonly options: UseSuspenseStreamOptions<MessagePart, Message>
  readonly error: unknown
  readonly again: () => void
}

function Failed({ options, error, again }: FailedProps) {
  const { reset } = useStream(options)
  const retry = () => {
    reset()
    again()
  }
  return (
    <button type="button" onClick={retry}>
      {(error as StreamError).message}
    </button>
  )
}

interface TurnedProps {
  readonly first: UseSuspenseStreamOptions<MessagePart, Message>
  readonly second: UseSuspenseStreamOptions<MessagePart, Message>
}

function Turned({ first, second }: TurnedProps) {
  const [options, change] = useState(first)
  return (
    <>
      <input type="button" onClick={() => startTransition(() => change(second))} />
      <Answer options={options} />
    </>
  )
}

const show: Fallback = (error) => <p>{`${error}`}</p>

/** What a page shows, its error boundary included. */
function mount(
  children: ReactNode,
  { strict = false, fallback = show }: { strict?: boolean; fallback?: Fallback } = {},
) {
  const within = (shown: ReactNode) => (
    <Boundary fallback={fallback}>
      <Suspense fallback={<p>Waiting</p>}>{shown}</Suspense>
    </Boundary>
  )
  const page = (shown: ReactNode) => (strict ? <StrictMode>{within(shown)}</StrictMode> : within(shown))
  const { container, rerender, unmount } = render(page(children), {
    onCaughtError: () => {},
  } as Parameters<typeof render>[1])
  const text = () =>
    [...container.querySelectorAll<HTMLElement>('button, p')]
      .filter(({ style }) => style.display !== 'none')
      .map(({ textContent }) => textContent)
      .join(' ')
  return { text, update: (shown: ReactNode) => rerender(page(shown)), unmount }
}

describe('useSuspenseStream', () => {
  it('connects a GET stream while it is suspended, and shows it with its first part', async () => {
    const first = createGate()
    const { transport, options } = over([[helloFrame(), first, textFrame(1, 'Hello'), 'hang']], readsFrom('/streams/1'))
    const { text } = mount(<Answer options={options} />)
    expect(text()).toBe('Waiting')
    await expect.poll(() => transport.open).toBe(1)
    expect(text()).toBe('Waiting')
    first.open()
    await expect.poll(text).toBe('streaming: Hello')
    expect([transport.attempts.length, transport.open]).toEqual([1, 1])
  })

  it('in StrictMode connects once, and stays connected from the first part to the page', async () => {
    const { transport, options } = over([[helloFrame(), textFrame(1, 'Hello'), 'hang']], {
      ...readsFrom('/streams/1'),
      linger: 0,
    })
    // The time of the streams, however long the page takes: a connection that is left for a moment is closed in it.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { text } = mount(<Answer options={options} />, { strict: true })
    const later = async () => {
      await vi.advanceTimersByTimeAsync(1)
      return text()
    }
    await expect.poll(later).toBe('streaming: Hello')
    await vi.advanceTimersByTimeAsync(60_000)
    expect([transport.attempts.length, transport.open]).toEqual([1, 1])
  })

  it('does not suspend while nothing is asked; suspends from the start to the first part', async () => {
    const first = createGate()
    const { transport, options } = over([[helloFrame(), first, textFrame(1, 'Hello'), endFrame(2)]])
    const { text } = mount(<Answer options={options} />)
    expect([text(), transport.attempts.length]).toEqual(['idle: ', 0])
    screen.getByRole('button').click()
    await expect.poll(text).toBe('Waiting')
    first.open()
    await expect.poll(text).toBe('done: Hello')
  })

  it('shows an answer that ends without a part', async () => {
    const { options } = over([[helloFrame(), endFrame(1)]], readsFrom('/streams/1'))
    const { text } = mount(<Answer options={options} />)
    await expect.poll(text).toBe('done: ')
  })

  it('throws what failed before the first part to the error boundary, whose fallback can begin anew', async () => {
    const gone = new StreamError('http', 'There is no such stream.', { status: 404 })
    const { transport, options } = over(
      [[gone], [helloFrame(), textFrame(1, 'Hello'), endFrame(2)]],
      readsFrom('/streams/1'),
    )
    const warned = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => warned.mockRestore())
    const { text } = mount(<Answer options={options} />, {
      fallback: (error, again) => <Failed options={options} error={error} again={again} />,
    })
    await expect.poll(text).toBe('There is no such stream.')
    screen.getByRole('button').click()
    await expect.poll(text).toBe('done: Hello')
    expect(transport.attempts).toHaveLength(2)
    expect(warned.mock.calls.filter(([said]) => `${said}`.includes('Cannot update'))).toEqual([])
  })

  it('shows what failed after the first part with its text', async () => {
    const gone = new StreamError('http', 'The server forgot it.', { status: 404 })
    const { options } = over([[helloFrame(), textFrame(1, 'Hel'), new Error('cut')], [gone]], readsFrom('/streams/1'))
    const { text } = mount(<Answer options={options} />)
    await expect.poll(text).toMatch(/^(failed|interrupted): Hel \(.+\)$/)
  })

  it('rejoins an answer that was under way before a reload, and waits for it', async () => {
    const items = new Map([['keepstream:r', JSON.stringify({ start: { key: 'a' }, location: '/streams/a' })]])
    const storage = {
      getItem: (name: string) => items.get(name) ?? null,
      setItem: (name: string, value: string) => void items.set(name, value),
      removeItem: (name: string) => void items.delete(name),
    }
    const first = createGate()
    const { transport, options } = over([[helloFrame(), first, textFrame(1, 'Hello'), endFrame(2)]], {
      persist: persistent('r', storage),
    })
    const { text } = mount(<Answer options={options} />)
    expect(text()).toBe('Waiting')
    first.open()
    await expect.poll(text).toBe('done: Hello')
    expect(transport.attempts).toMatchObject([{ location: '/streams/a', start: { key: 'a' } }])
  })

  it('keeps what is shown during a transition to another key, until that has its first part', async () => {
    const first = createGate()
    const one = over([[helloFrame(), textFrame(1, 'One'), endFrame(2)]], readsFrom('/streams/1'))
    const two = over([[helloFrame(), first, textFrame(1, 'Two'), endFrame(2)]], readsFrom('/streams/2'))
    const { text } = mount(<Turned first={one.options} second={two.options} />)
    await expect.poll(text).toBe('done: One')
    document.querySelector('input')?.click()
    await expect.poll(() => two.transport.open).toBe(1)
    expect(text()).toBe('done: One')
    first.open()
    await expect.poll(text).toBe('done: Two')
    expect([one.transport.attempts.length, two.transport.attempts.length]).toEqual([1, 1])
  })

  it('whose component is given up while it is suspended lets go of the connection', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { transport, options } = over([[helloFrame(), 'hang']], { ...readsFrom('/streams/1'), linger: 20 })
    const { text, unmount } = mount(<Answer options={options} />)
    await expect.poll(() => transport.open).toBe(1)
    // Whoever is still there keeps it.
    await vi.advanceTimersByTimeAsync(11_000)
    expect([text(), transport.open]).toEqual(['Waiting', 1])
    unmount()
    await vi.advanceTimersByTimeAsync(7_000)
    expect([transport.open, transport.attempts.length]).toEqual([0, 1])
  })

  it('finds its stream in the registry of the provider', async () => {
    const registry = createRegistry()
    const { options } = over([[helloFrame(), textFrame(1, 'Hello'), endFrame(2)]], readsFrom('/streams/1'))
    const { text } = mount(
      <KeepstreamProvider defaults={{ registry }}>
        <Answer options={options} />
      </KeepstreamProvider>,
    )
    await expect.poll(text).toBe('done: Hello')
    expect(registry.get(options).get().data.text).toBe('Hello')
    registry.clear()
  })

  it('says what is missing where there is no key', () => {
    const { key, ...options } = over([]).options
    const html = () => renderToString(<Answer options={options as never} />)
    expect(html).toThrow(expect.objectContaining({ code: 'option', message: expect.stringMatching(/`key`.*suspends/) }))
  })

  const { Activity } = React as { Activity?: (props: { mode: string; children: ReactNode }) => ReactNode }
  // React 18 has none.
  if (Activity) {
    it('is left while it is hidden, and goes on from its cursor when it is shown again', async () => {
      const { transport, options } = over(
        [
          [helloFrame(), textFrame(1, 'Hel'), 'hang'],
          [textFrame(2, 'lo'), endFrame(3)],
        ],
        { ...readsFrom('/streams/1'), linger: 0 },
      )
      const page = (mode: string) => (
        <Activity mode={mode}>
          <Answer options={options} />
        </Activity>
      )
      const { text, update } = mount(page('visible'))
      await expect.poll(text).toBe('streaming: Hel')
      update(page('hidden'))
      await expect.poll(() => transport.open).toBe(0)
      update(page('visible'))
      await expect.poll(text).toBe('done: Hello')
      expect(transport.attempts.map(({ cursor }) => cursor)).toEqual([undefined, 'k-1'])
    })
  }
})
