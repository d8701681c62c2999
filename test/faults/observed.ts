import {
  createStream,
  type Message,
  type MessagePart,
  type Run,
  type Snapshot,
  type Status,
  type Stream,
  type StreamOptions,
} from '@keepstream/core'
import { until } from './until'

/** A stream, and all that it ever said of itself. */
export interface Observed {
  readonly stream: Stream<MessagePart, Message>
  /** Each status that the stream went through, without repetitions. */
  readonly history: readonly Status[]
  /** Each error that an attempt ended with, as its code. */
  readonly drops: readonly string[]
  readonly ask: (prompt?: string) => Run<MessagePart, Message>
  readonly text: () => string
  /** Resolves once so much text is there; fails where it does not come. */
  readonly reads: (text: string) => Promise<void>
}

type Options = Omit<StreamOptions<never, never>, 'protocol'> & Pick<StreamOptions<MessagePart, Message>, 'protocol'>

/** Creates a stream that is watched from before its beginning. `input` makes what is sent of a prompt. */
export function observe(options: Options, input: (prompt: string) => unknown): Observed {
  const stream = createStream<MessagePart, Message>({ schedule: (notify) => notify(), ...options })
  const history: Status[] = []
  const drops: string[] = []
  let error: Snapshot<Message>['connection']['error']
  stream.subscribe(() => {
    const { status, connection, data } = stream.get()
    // An answer that the server had already may be published together with its end.
    const passed =
      history.at(-1) === 'pending' && status !== 'pending' && data.text !== '' ? ['streaming' as const] : []
    for (const each of [...passed, status]) if (each !== history.at(-1)) history.push(each)
    // A wait that the budget of the host makes longer is published anew, with the same error.
    if (connection.error && connection.error !== error) drops.push(connection.error.code)
    error = connection.error ?? error
  })
  const text = () => stream.get().data.text
  return {
    stream,
    history,
    drops,
    text,
    ask: (prompt = 'Tell me.') => stream.start(input(prompt)),
    reads: async (wanted) => void (await until(text, (now) => now.length >= wanted.length)),
  }
}
