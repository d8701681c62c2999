// Compiled and never run: what a caller may write, and what the compiler must refuse.
import {
  createRegistry,
  createStream,
  END,
  keepstream,
  type Message,
  type MessagePart,
  openaiChat,
  type Protocol,
  type Run,
  type Snapshot,
  type Stream,
  type StreamError,
  type TextPart,
  text,
  transition,
} from './index'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <T extends true>(): T | undefined => undefined

const url = 'https://example.com/api/chat'

// The types of parts and data follow from the protocol.
const message = createStream({ url, protocol: keepstream() })
holds<Equal<typeof message, Stream<MessagePart, Message>>>()
const chat = createStream({ url, protocol: openaiChat() })
holds<Equal<typeof chat, Stream<MessagePart, Message>>>()
const plain = createStream({ url, protocol: text() })
holds<Equal<typeof plain, Stream<TextPart, { readonly text: string }>>>()
plain.update({ url, protocol: text(), headers: { authorization: 'Bearer later' } })
// @ts-expect-error a protocol that makes other parts
plain.update({ url, protocol: openaiChat() })
// @ts-expect-error the options themselves
createStream(() => ({ url, protocol: text() }))

const lines: Protocol<string, number> = {
  name: 'lines',
  accept: 'text/event-stream',
  terminated: true,
  durable: false,
  decode: ({ data }) => (data === 'end' ? END : [data]),
  initial: () => 0,
  reduce: (count, part) => count + part.length,
}
const own = createStream({ url, protocol: lines })
holds<Equal<typeof own, Stream<string, number>>>()
const kept = createRegistry().get({ key: 'a', url, protocol: lines })
holds<Equal<typeof kept, Stream<string, number>>>()

async function use() {
  const run = message.start({ messages: [] })
  holds<Equal<typeof run, Run<MessagePart, Message>>>()
  const snapshot = await run
  holds<Equal<typeof snapshot, Snapshot<Message>>>()
  for await (const part of run) {
    // A part is known by its type.
    if (part.type === 'text') part.text.trim()
    // @ts-expect-error a usage has no text
    if (part.type === 'usage') part.text.trim()
  }
  for await (const part of own) part.toUpperCase()
  const { acknowledged } = await message.stop()
  holds<Equal<typeof acknowledged, boolean>>()
  await using disposed = createStream({ url, protocol: text() })
  return disposed
}
void use

// The status tells whether there is an error, the state of the connection until when it waits.
const { status, error, connection, data } = message.get()
holds<Equal<typeof data, Message>>()
const snapshot = message.get()
if (snapshot.status === 'failed') holds<Equal<typeof snapshot.error, StreamError>>()
if (snapshot.status === 'done') holds<Equal<typeof snapshot.error, undefined>>()
if (connection.state === 'waiting') holds<Equal<typeof connection.retryAt, number>>()
if (connection.state === 'open') holds<Equal<typeof connection.retryAt, undefined>>()
holds<Equal<typeof error, StreamError | undefined>>()
// @ts-expect-error there is no such status
if (status === 'complete') holds()

// A snapshot is a picture: nobody paints over it.
// @ts-expect-error read only
snapshot.data.text = 'mine'
// @ts-expect-error read only
snapshot.cursor = 'e-1'

// Wrong options do not compile.
// @ts-expect-error a protocol is needed
createStream({ url })
// @ts-expect-error the factory, not its result
createStream({ url, protocol: keepstream })
// @ts-expect-error there is no such option
createStream({ url, protocol: text(), maxRetries: 5 })
// @ts-expect-error of upper case
createStream({ url, protocol: text(), method: 'get' })
// @ts-expect-error only POST and GET
createStream({ url, protocol: text(), method: 'PUT' })
// @ts-expect-error milliseconds are a number
createStream({ url, protocol: text(), linger: '5s' })
// @ts-expect-error there is no such policy
createStream({ url, protocol: text(), interruption: 'resume' })
// @ts-expect-error there is no such clock
createStream({ url, protocol: text(), clocks: { idle: 5_000 } })
// @ts-expect-error a factor or 'full'
createStream({ url, protocol: text(), retry: { jitterFactor: 'none' } })
// @ts-expect-error statuses are numbers
createStream({ url, protocol: text(), retry: { retryableStatuses: ['503'] } })
// @ts-expect-error a key is a string
createRegistry().get({ key: 5, url, protocol: text() })
// @ts-expect-error there is no such option of a registry
createRegistry({ linger: 5 })

const broken: Protocol<string, number> = {
  ...lines,
  // @ts-expect-error a part is a string here
  decode: () => [5],
}
void broken
// @ts-expect-error signals are a closed union
transition(own.get(), { type: 'paused' }, lines)
// @ts-expect-error a listener is given nothing: it pulls
message.subscribe((given: Snapshot<Message>) => given)
