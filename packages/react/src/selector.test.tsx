import { keepstream, type Message, type MessagePart, registry } from '@keepstream/core'
import {
  createGate,
  endFrame,
  helloFrame,
  type ScriptedStep,
  scriptedTransport,
  textFrame,
} from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { useInsertionEffect } from 'react'
import { renderToString } from 'react-dom/server'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Boundary } from '../test/boundary'
import { type UseStreamOptions, type UseStreamReturn, useChat, useStream, useTask } from './index'

type Answer = UseStreamReturn<MessagePart, Message>
type Select = (answer: Answer) => unknown

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

let keys = 0

function over(...steps: readonly ScriptedStep[]) {
  onTestFinished(() => registry.clear())
  const transport = scriptedTransport(steps)
  const options: UseStreamOptions<MessagePart, Message> = {
    protocol: keepstream(),
    transport,
    key: `selector-${++keys}`,
    schedule: (notify) => notify(),
  }
  return { transport, options, stream: registry.get(options) }
}

interface SelectedProps {
  readonly options: UseStreamOptions<MessagePart, Message>
  readonly select: Select
  readonly isEqual?: (before: unknown, after: unknown) => boolean
  readonly seen: unknown[]
}

function Selected({ options, select, isEqual, seen }: SelectedProps) {
  // Made anew for each render, both of them.
  const value = useStream({ ...options }, (answer) => select(answer), isEqual)
  useInsertionEffect(() => void seen.push(value))
  return <output>{JSON.stringify(value)}</output>
}

interface CountedProps {
  readonly options: UseStreamOptions<MessagePart, Message>
  readonly counts: string[]
}

function Counted({ options, counts }: CountedProps) {
  const count = useChat(options, ({ messages }) => messages.length)
  const send = useChat(options, (chat) => chat.send)
  const untouched = useTask({ url: '/tasks' }, ({ data }) => data.percent === 0)
  const shown = `${count} ${untouched}`
  useInsertionEffect(() => void counts.push(shown))
  return (
    <button type="button" onClick={() => void send('Hi')}>
      {shown}
    </button>
  )
}

describe('a selector', () => {
  it('renders its component when what it selects changes, and not for anything else', async () => {
    const pieces = Array.from({ length: 20 }, (_, index) => textFrame(index + 1, `${index} `))
    const { options, stream } = over(helloFrame(), ...pieces, endFrame(21))
    const seen: unknown[] = []
    const { container } = render(<Selected options={options} select={({ status }) => status} seen={seen} />)
    await stream.start()
    await expect.poll(() => container.textContent).toBe('"done"')
    expect(seen).toEqual(['idle', 'pending', 'streaming', 'done'])
  })

  it('that makes an object each time neither loops nor renders for what is equal to its `isEqual`', async () => {
    const more = createGate()
    const { options: given, stream } = over(helloFrame(), textFrame(1, 'a'), more, textFrame(2, 'b'), endFrame(3))
    const seen: unknown[] = []
    const select: Select = ({ data }) => ({ long: data.text.length > 1 })
    const isEqual = (before: unknown, after: unknown) => JSON.stringify(before) === JSON.stringify(after)
    const page = () => <Selected options={given} select={select} isEqual={isEqual} seen={seen} />
    const { container, rerender } = render(page())
    const run = stream.start()
    await expect.poll(() => stream.get().status).toBe('streaming')
    for (let turn = 0; turn < 3; turn++) rerender(page())
    more.open()
    await run
    await expect.poll(() => container.textContent).toBe('{"long":true}')
    expect(seen).toHaveLength(5)
    // What is equal is the same object, so that effects that depend on it rest.
    expect(new Set(seen).size).toBe(2)
  })

  it('without an `isEqual` may make an object each time, too', async () => {
    const { options, stream } = over(helloFrame(), textFrame(1, 'Hello'), endFrame(2))
    const seen: unknown[] = []
    const { container } = render(<Selected options={options} select={({ data }) => [data.text]} seen={seen} />)
    await stream.start()
    await expect.poll(() => container.textContent).toBe('["Hello"]')
    expect(seen.length).toBeLessThan(10)
  })

  it('may change between two renders, and close over what the component knows', async () => {
    const { options, stream } = over(helloFrame(), textFrame(1, 'Hello'), endFrame(2))
    const seen: unknown[] = []
    const page = (length: number) => (
      <Selected options={options} select={({ data }) => data.text.slice(0, length)} seen={seen} />
    )
    const { container, rerender } = render(page(1))
    await stream.start()
    await expect.poll(() => container.textContent).toBe('"H"')
    rerender(page(4))
    expect(container.textContent).toBe('"Hell"')
  })

  it('that throws for a later value throws to the error boundary, and not into the stream', async () => {
    const { options, stream } = over(helloFrame(), textFrame(1, 'Hello'), endFrame(2))
    const select: Select = ({ data }) => {
      if (data.text !== '') throw new Error('No text, please.')
      return 'empty'
    }
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => said.mockRestore())
    const { container } = render(
      <Boundary fallback={(error) => `${error}`}>
        <Selected options={options} select={select} seen={[]} />
      </Boundary>,
    )
    expect(container.textContent).toBe('"empty"')
    expect((await stream.start()).status).toBe('done')
    await expect.poll(() => container.textContent).toBe('Error: No text, please.')
  })

  it('selects from the initial snapshot on a server', () => {
    const { options } = over()
    expect(renderToString(<Selected options={options} select={({ status }) => [status]} seen={[]} />)).toBe(
      '<output>[&quot;idle&quot;]</output>',
    )
  })

  it('selects from conversations and tasks', async () => {
    const { options } = over(helloFrame(), textFrame(1, 'Hello'), endFrame(2))
    const counts: string[] = []
    const { container } = render(<Counted options={options} counts={counts} />)
    container.querySelector('button')?.click()
    await expect.poll(() => container.textContent).toBe('2 true')
    expect(counts).toEqual(['0 true', '2 true'])
  })
})
