import '../test/refresh'
import { keepstream, type Message, type MessagePart, registry } from '@keepstream/core'
import { createGate, endFrame, helloFrame, scriptedTransport, textFrame } from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { StrictMode, useState } from 'react'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFile } from '../test/refresh'
import { type UseStreamOptions, useChat, useStream } from './index'

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

interface Props {
  readonly options: UseStreamOptions<MessagePart, Message>
}

function setup(options: Partial<Props['options']> = {}) {
  onTestFinished(() => registry.clear())
  const more = createGate()
  const transport = scriptedTransport([helloFrame(), textFrame(1, 'Hel'), more, textFrame(2, 'lo'), endFrame(3)])
  return { more, transport, options: { protocol: keepstream(), transport, linger: 0, ...options } }
}

const button = (version: number, text: string, start: () => unknown) => (
  <button type="button" onClick={() => void start()}>
    {`${version}: ${text}`}
  </button>
)

function useAnswer(version: number, { options }: Props) {
  const { status, data, start } = useStream(options)
  return button(version, `${status} ${data.text}`, start)
}

function useAnswerAndAnother(version: number, props: Props) {
  useState(0)
  return useAnswer(version, props)
}

function useConversation(version: number, { options }: Props) {
  const { messages, send } = useChat(options)
  return button(version, messages.map(({ content }) => content).join(' '), () => send('Hi'))
}

describe('a hot reload', () => {
  it.each([
    ['an answer', { key: undefined }],
    ['an answer with a key', { key: 'reloaded' }],
  ])('keeps %s, its connection and its text', async (_, { key }) => {
    const { transport, options, more } = setup(key === undefined ? {} : { key })
    const { save } = createFile()
    const First = save((props: Props) => useAnswer(1, props), 'useAnswer')
    const { container } = render(<First options={options} />, { wrapper: StrictMode })
    container.querySelector('button')?.click()
    await expect.poll(() => container.textContent).toBe('1: streaming Hel')
    save((props: Props) => useAnswer(2, props), 'useAnswer')
    await expect.poll(() => container.textContent).toBe('2: streaming Hel')
    more.open()
    await expect.poll(() => container.textContent).toBe('2: done Hello')
    expect(transport.attempts).toHaveLength(1)
  })

  it('keeps the connection of a GET stream', async () => {
    const { transport, options, more } = setup({ method: 'GET', url: '/streams/1' })
    const { save } = createFile()
    const First = save((props: Props) => useAnswer(1, props), 'useAnswer')
    const { container } = render(<First options={options} />)
    await expect.poll(() => container.textContent).toBe('1: streaming Hel')
    save((props: Props) => useAnswer(2, props), 'useAnswer')
    more.open()
    await expect.poll(() => container.textContent).toBe('2: done Hello')
    expect(transport.attempts).toHaveLength(1)
  })

  it('that changes the hooks of its component keeps the answer of a key: React begins the component anew', async () => {
    const { transport, options, more } = setup({ key: 'reloaded-hooks', linger: 1_000 })
    const { save } = createFile()
    const First = save((props: Props) => useAnswer(1, props), 'useAnswer')
    const { container } = render(<First options={options} />)
    container.querySelector('button')?.click()
    await expect.poll(() => container.textContent).toBe('1: streaming Hel')
    save((props: Props) => useAnswerAndAnother(2, props), 'useAnswerAndAnother')
    await expect.poll(() => container.textContent).toBe('2: streaming Hel')
    more.open()
    await expect.poll(() => container.textContent).toBe('2: done Hello')
    expect(transport.attempts).toHaveLength(1)
  })

  it('keeps a conversation, and sends nothing again', async () => {
    const { transport, options, more } = setup()
    const { save } = createFile()
    const First = save((props: Props) => useConversation(1, props), 'useConversation')
    const { container } = render(<First options={options} />)
    container.querySelector('button')?.click()
    await expect.poll(() => container.textContent).toBe('1: Hi Hel')
    save((props: Props) => useConversation(2, props), 'useConversation')
    await expect.poll(() => container.textContent).toBe('2: Hi Hel')
    more.open()
    await expect.poll(() => container.textContent).toBe('2: Hi Hello')
    expect(transport.attempts).toHaveLength(1)
  })
})
