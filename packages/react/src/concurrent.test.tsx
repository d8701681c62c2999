import { keepstream, type Message, type MessagePart, registry } from '@keepstream/core'
import { endFrame, helloFrame, scriptedTransport, textFrame } from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { memo, startTransition, useDeferredValue, useState } from 'react'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type UseStreamOptions, useStream } from './index'

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

const pause = () => new Promise((resolve) => setTimeout(resolve, 4))
const pieces = Array.from({ length: 24 }, (_, index) => `${index} `)
const whole = pieces.join('')

/** A stream that says something every few milliseconds, and tells of it at once. Its last words wait for `until`. */
function talk(key: string, until: () => PromiseLike<unknown> = pause) {
  onTestFinished(() => registry.clear())
  const steps = pieces.flatMap((piece, index) => [textFrame(index + 1, piece), index === 20 ? until : pause])
  const options: UseStreamOptions<MessagePart, Message> = {
    protocol: keepstream(),
    transport: scriptedTransport([helloFrame(), ...steps, endFrame(pieces.length + 1)]),
    key,
    schedule: (notify) => notify(),
  }
  return { options, stream: registry.get(options) }
}

/** As a part of a page that takes long to render, so that React yields to the stream in the middle. */
function work(milliseconds: number) {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

interface PartProps {
  readonly options: UseStreamOptions<MessagePart, Message>
}

function Slow({ options }: PartProps) {
  const { data } = useStream(options)
  work(3)
  return <output>{data.text}</output>
}

function Selecting({ options }: PartProps) {
  const text = useStream(options, ({ data }) => data.text)
  work(3)
  return <output>{text}</output>
}

function Switch({ options }: PartProps) {
  const [count, show] = useState(0)
  const parts = Array.from({ length: count }, (_, index) => index)
  return (
    <main>
      <button type="button" onClick={() => startTransition(() => show(8))} />
      {parts.map((part) =>
        part % 2 ? <Slow key={part} options={options} /> : <Selecting key={part} options={options} />,
      )}
    </main>
  )
}

const Heavy = memo(function Heavy({ text }: { text: string }) {
  work(10)
  return <output>{text}</output>
})

function Deferring({ options }: PartProps) {
  const { data } = useStream(options)
  const late = useDeferredValue(data.text)
  return (
    <main>
      <p>{data.text}</p>
      <Heavy text={late} />
    </main>
  )
}

/** What the page showed after each of its commits. */
function watch(element: HTMLElement, read: () => unknown): unknown[] {
  const seen: unknown[] = []
  const observer = new MutationObserver(() => seen.push(read()))
  observer.observe(element, { childList: true, characterData: true, subtree: true })
  onTestFinished(() => observer.disconnect())
  return seen
}

describe('in a concurrent render', () => {
  it('all components show the same moment, though the stream goes on while they are rendered', async () => {
    // On a slow machine the stream could be over before anything of it is on the page.
    const { options, stream } = talk('tearing', () => expect.poll(() => shown().length).toBe(8))
    const { container } = render(<Switch options={options} />)
    const shown = () => [...container.querySelectorAll('output')].map(({ textContent }) => textContent)
    const commits = watch(container, () => new Set(shown()).size)
    const run = stream.start()
    await expect.poll(() => stream.get().status).toBe('streaming')
    container.querySelector('button')?.click()
    await run
    await expect.poll(() => new Set(shown())).toEqual(new Set([whole]))
    expect(shown()).toHaveLength(8)
    expect(commits.length).toBeGreaterThan(1)
    expect(new Set(commits)).toEqual(new Set([1]))
  })

  it('what is deferred follows, and what is urgent does not wait for it', async () => {
    const { options, stream } = talk('deferred')
    const { container } = render(<Deferring options={options} />)
    const textOf = (name: string) => container.querySelector(name)?.textContent ?? ''
    const pairs = watch(container, () => [textOf('p').length, textOf('output').length]) as [number, number][]
    await stream.start()
    await expect.poll(() => [textOf('p'), textOf('output')]).toEqual([whole, whole])
    for (const [urgent, late] of pairs) expect(late).toBeLessThanOrEqual(urgent)
    expect(pairs.some(([urgent, late]) => late < urgent)).toBe(true)
  })

  it('a component may leave in the middle of a notification, and another one in a callback of the stream', async () => {
    const { options, stream } = talk('leaving')
    const first = render(<Slow options={options} />)
    const second = render(<Slow options={{ ...options, schedule: leave }} />)
    function leave(notify: () => void) {
      second.unmount()
      notify()
    }
    const left = stream.subscribe(() => first.unmount())
    const { data } = await stream.start()
    left()
    expect([data.text, first.container.textContent, second.container.textContent]).toEqual([whole, '', ''])
  })
})
