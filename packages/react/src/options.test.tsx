import { keepstream, type Message, type MessagePart } from '@keepstream/core'
import {
  endFrame,
  helloFrame,
  type ScriptedTransport,
  scriptedTransport,
  textFrame,
} from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { useEffect } from 'react'
import { beforeAll, describe, expect, it } from 'vitest'
import { KeepstreamProvider, type UseStreamOptions, type UseStreamReturn, useChat, useStream } from './index'

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

interface ModelProps {
  readonly model: string
}

interface ChildProps extends ModelProps {
  readonly ask: () => unknown
}

/** Effects of a child run before those of its parent. */
function Child({ model, ask }: ChildProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again with another model, and not for another function.
  useEffect(() => void ask(), [model])
  return <output>{model}</output>
}

interface AnsweredProps {
  readonly transports: Readonly<Record<string, ScriptedTransport>>
  readonly model: string
}

function Answered({ transports, model }: AnsweredProps) {
  const { start } = useStream({ protocol: keepstream(), transport: transports[model]! })
  return <Child model={model} ask={start} />
}

function Conversation({ transports: { all }, model }: AnsweredProps) {
  const { send } = useChat({ transport: all!, whenBusy: 'queue', request: () => ({ model }) })
  return <Child model={model} ask={() => send('Hi')} />
}

describe('the options of a render', () => {
  it('are there for a child that starts an answer in an effect of that render', async () => {
    const transports = {
      small: scriptedTransport([helloFrame(), endFrame(1)]),
      large: scriptedTransport([helloFrame(), endFrame(1)]),
    }
    const { rerender } = render(<Answered transports={transports} model="small" />)
    await expect.poll(() => transports.small.attempts.length).toBe(1)
    rerender(<Answered transports={transports} model="large" />)
    await expect.poll(() => transports.large.attempts.length).toBe(1)
    expect(transports.small.attempts).toHaveLength(1)
  })

  it('are there for a child that goes on with a conversation in an effect of that render', async () => {
    const answer = [helloFrame(), textFrame(1, 'Hello'), endFrame(2)]
    const all = scriptedTransport(answer, answer)
    const { rerender } = render(<Conversation transports={{ all }} model="small" />)
    await expect.poll(() => all.attempts.length).toBe(1)
    rerender(<Conversation transports={{ all }} model="large" />)
    await expect.poll(() => all.attempts.length).toBe(2)
    expect(all.attempts.map(({ start }) => start?.input)).toEqual([{ model: 'small' }, { model: 'large' }])
  })

  it('are over the outer defaults of that render, although those in between are still the same', async () => {
    const [first, second] = [
      scriptedTransport([helloFrame(), endFrame(1)]),
      scriptedTransport([helloFrame(), endFrame(1)]),
    ]
    const between = { linger: 1 }
    const answers: Kept[] = []
    const page = (transport: ScriptedTransport) => (
      <KeepstreamProvider defaults={{ via: [() => transport] }}>
        <KeepstreamProvider defaults={between}>
          <Kept answers={answers} options={{ method: 'POST', url: '/answers' }} />
        </KeepstreamProvider>
      </KeepstreamProvider>
    )
    const { rerender } = render(page(first))
    await answers.at(-1)?.start()
    rerender(page(second))
    await answers.at(-1)?.start()
    expect([first.attempts.length, second.attempts.length]).toEqual([1, 1])
  })

  it('are not those of a stream that gave way to another one, whose functions somebody has kept', async () => {
    const [first, second] = [scriptedTransport([helloFrame(), endFrame(1)]), scriptedTransport()]
    const answers: Kept[] = []
    const { rerender } = render(<Kept answers={answers} options={{ url: '/streams/1', transport: first }} />)
    await expect.poll(() => answers.at(-1)?.status).toBe('done')
    const { start } = answers[0]!
    rerender(<Kept answers={answers} options={{ url: '/streams/2', transport: second }} />)
    await expect.poll(() => second.attempts.length).toBe(1)
    await start()
    expect([first.attempts.length, second.attempts.length]).toEqual([2, 1])
  })
})

type Kept = UseStreamReturn<MessagePart, Message>

interface KeptProps {
  readonly answers: Kept[]
  readonly options: Omit<UseStreamOptions<MessagePart, Message>, 'protocol'>
}

function Kept({ answers, options }: KeptProps) {
  const answer = useStream({ method: 'GET', protocol: keepstream(), retry: { maxRetries: 0 }, ...options })
  useEffect(() => void answers.push(answer))
  return <output>{answer.status}</output>
}
