import { expectTypeOf } from 'vitest'
import {
  keepstream,
  type Message,
  type MessagePart,
  openaiChat,
  type Snapshot,
  type Status,
  type Stream,
  type StreamError,
  text,
  useStream,
} from './index'

export function Answers() {
  const answer = useStream({ url: '/api/chat', protocol: keepstream() })
  expectTypeOf(answer.data).toEqualTypeOf<Message>()
  expectTypeOf(answer.start({ prompt: 'Hello' })).resolves.toEqualTypeOf<Snapshot<Message>>()
  expectTypeOf(useStream({ url: '/api/chat', protocol: openaiChat() }).data.toolCalls[0]!.name).toBeString()
  expectTypeOf(useStream({ url: '/api/log', protocol: text() }).data).toEqualTypeOf<{ readonly text: string }>()

  // The status says whether there is an error.
  if (answer.status === 'failed') expectTypeOf(answer.error).toEqualTypeOf<StreamError>()
  if (answer.status === 'done') expectTypeOf(answer.error).toBeUndefined()

  // @ts-expect-error The protocol says what the events mean: there is no default.
  useStream({ url: '/api/chat' })
  // @ts-expect-error A stream is read with GET and begun with POST.
  useStream({ url: '/api/chat', protocol: keepstream(), method: 'PUT' })
  // @ts-expect-error There is no such option.
  useStream({ url: '/api/chat', protocol: keepstream(), retries: 3 })
  // @ts-expect-error A hook takes the options themselves.
  useStream(() => ({ url: '/api/chat', protocol: keepstream() }))
  // @ts-expect-error Nobody but the stream writes its data.
  answer.data = keepstream().initial()
  // @ts-expect-error Plain text has no tool calls.
  useStream({ url: '/api/log', protocol: text() }).data.toolCalls

  // A selector is given all of it, and what it returns is what comes back.
  expectTypeOf(useStream({ url: '/api/chat', protocol: keepstream() }, ({ data }) => data.text.length)).toBeNumber()
  expectTypeOf(useStream({ url: '/a', protocol: text() }, ({ stop }) => stop)).toEqualTypeOf<typeof answer.stop>()
  const isSame = (before: { long: boolean }, after: { long: boolean }) => before.long === after.long
  expectTypeOf(
    useStream({ url: '/a', protocol: text() }, ({ data }) => ({ long: data.text.length > 9 }), isSame),
  ).toEqualTypeOf<{ long: boolean }>()
  const isSameNumber = (before: number, after: number) => before === after
  // @ts-expect-error What is selected is no number.
  useStream({ url: '/a', protocol: text() }, ({ data }) => data.text, isSameNumber)
  // @ts-expect-error Plain text has no usage.
  useStream({ url: '/a', protocol: text() }, ({ data }) => data.usage)

  // The stream itself, for what is measured and inspected.
  expectTypeOf(answer.stream).toEqualTypeOf<Stream<MessagePart, Message>>()
  // The address may come from the defaults of the page.
  expectTypeOf(useStream({ protocol: keepstream() }).status).toEqualTypeOf<Status>()
}
