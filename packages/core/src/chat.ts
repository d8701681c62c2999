// Above 150 lines: a third is documentation of the public surface, and the actions share one conversation.
import { StreamError } from './errors'
import { call } from './inspect'
import { mintKey } from './key'
import type { Message, MessagePart } from './message'
import { check, settings } from './option'
import { isActive, type Snapshot } from './session/transition'
import { createStream, type StopResult, type Stream } from './stream'
import type { StreamOptions } from './stream-options'

/** One message of a conversation. What the model said has its `data`, and says how it ended. */
export interface ChatMessage {
  readonly id: string
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: string
  /** The answer with its reasoning, tool calls and usage; absent for what a person wrote. */
  readonly data?: Message
  /** What the answer is; absent for what a person wrote. Anything but `done` may be a part of an answer. */
  readonly status?: Snapshot<Message>['status']
  readonly error?: StreamError
}

export interface ChatOptions {
  /** The options of the stream that answers; or that stream, where the registry shares it. */
  readonly stream: StreamOptions<MessagePart, Message> | Stream<MessagePart, Message>
  /** The conversation so far. Default none. */
  readonly messages?: readonly ChatMessage[]
  /** The input of `start` for a conversation. Default `{ messages: [{ role, content }] }`, without empty answers. */
  readonly request?: (messages: readonly ChatMessage[]) => unknown
  /**
   * What `send` does while an answer is under way: `reject` throws, `queue` sends when its turn has come, `interrupt` stops
   * the answer first, and keeps the part that is there. Default `reject`.
   */
  readonly whenBusy?: 'reject' | 'queue' | 'interrupt'
  /** The most messages that wait with `queue`; one more is refused. Default 16. */
  readonly maxQueued?: number
}

export interface ChatSnapshot {
  /** The answer that is under way is the last one. */
  readonly messages: readonly ChatMessage[]
  readonly status: Snapshot<Message>['status']
  readonly connection: Snapshot<Message>['connection']
  readonly error: StreamError | undefined
  /** Whether an answer is under way. */
  readonly busy: boolean
  /** What waits to be sent, oldest first. */
  readonly queued: readonly string[]
}

/** A conversation on one stream. The functions need no `this`. */
export interface Chat {
  readonly get: () => ChatSnapshot
  readonly subscribe: (listener: () => void) => () => void
  /** Adds a message of a person and asks for the answer. Resolves with it once it settles; look at its `status`. */
  readonly send: (content: string) => Promise<ChatMessage>
  /** Ends the answer, and forgets what waits. What has arrived stays. */
  readonly stop: () => Promise<StopResult>
  /** Asks once more for the answer `id`, by default the last one. What came after it goes. */
  readonly regenerate: (id?: string) => Promise<ChatMessage>
  /** Rewrites a message of a person and asks for the answer to it. What came after it goes. */
  readonly edit: (id: string, content: string) => Promise<ChatMessage>
  /** Replaces the conversation, such as by one that was stored. Refused while an answer is under way. */
  readonly set: (messages: readonly ChatMessage[]) => void
}

interface Waiting {
  readonly content: string
  readonly go: () => void
  readonly refuse: (error: StreamError) => void
}

const defaults = { stream: undefined, messages: [], request: ask, whenBusy: 'reject', maxQueued: 16 }

/** What most endpoints want. An answer of which nothing arrived would only confuse the model. */
function ask(messages: readonly ChatMessage[]): unknown {
  const said = messages.filter(({ role, content }) => role !== 'assistant' || content !== '')
  return { messages: said.map(({ role, content }) => ({ role, content })) }
}

/** Creates a conversation. Throws a `StreamError` with the code `option` that names the option and the remedy. */
export function createChat(options: ChatOptions): Chat {
  const given = settings<Record<string, unknown>>('', defaults, { ...options })
  const { messages, request = ask, whenBusy = 'reject' } = options
  const maxQueued = given.maxQueued as number
  check(/^(reject|queue|interrupt)$/.test(whenBusy), 'whenBusy', whenBusy, "'reject', 'queue' or 'interrupt'")
  check(typeof options.stream === 'object', 'stream', options.stream, 'the options of a stream, or a stream')
  const stream = 'subscribe' in options.stream ? options.stream : createStream(options.stream)
  const listeners = new Set<() => void>()
  let history: readonly ChatMessage[] = checkMessages(messages ?? [])
  let queue: readonly Waiting[] = []
  /** The message that the stream's answer becomes. */
  let answer: string | undefined
  /** Whether somebody whose turn it is has not begun yet. */
  let handed = false
  let leave: (() => void) | undefined
  let shown: ChatSnapshot | undefined
  let shownOf: Snapshot<Message> | undefined

  const isBusy = () => answer !== undefined && isActive(stream.get().status)

  function changed(): void {
    shown = undefined
    for (const listener of [...listeners]) call(listener)
  }

  /** The stream's answer as a message. */
  function current(id: string): ChatMessage {
    const { data, status, error } = stream.get()
    return { id, role: 'assistant', content: data.text, data, status, ...(error && { error }) }
  }

  function look(): void {
    const active = isActive(stream.get().status)
    // An answer that another page began, or this one before it was loaded again.
    if (active) answer ??= mintKey()
    else if (answer !== undefined) keep(answer)
    changed()
    if (!active) hand()
  }

  /** Lets the one who has waited longest go. */
  function hand(): void {
    const [first, ...rest] = queue
    if (!first || handed || isBusy()) return
    handed = true
    queue = rest
    first.go()
  }

  function keep(id: string): ChatMessage {
    const message = history.find((known) => known.id === id) ?? current(id)
    if (answer !== id) return message
    history = [...history, message]
    answer = undefined
    return message
  }

  async function begin(next: readonly ChatMessage[]): Promise<ChatMessage> {
    const earlier = history
    const id = mintKey()
    history = next
    answer = id
    handed = false
    try {
      const run = stream.start(request(next))
      changed()
      await run
    } catch (error) {
      // It could not even be asked: nothing was said.
      history = earlier
      answer = undefined
      changed()
      hand()
      throw error
    }
    const message = keep(id)
    changed()
    hand()
    return message
  }

  /** Resolves when it is this one's turn. */
  async function turn(content: string): Promise<void> {
    if (!isBusy() && !handed) return
    if (whenBusy === 'interrupt') await stream.stop()
    else if (whenBusy === 'reject') throw refusal('An answer is under way. Wait for it, stop it, or set `whenBusy`.')
    else if (queue.length >= maxQueued)
      throw refusal(`${maxQueued} messages wait already, as many as \`maxQueued\` allows.`)
    else {
      await new Promise<void>((go, refuse) => {
        queue = [...queue, { content, go, refuse }]
        changed()
      })
    }
  }

  async function send(content: string): Promise<ChatMessage> {
    check(typeof content === 'string' && content !== '', 'content', content, 'what the person wrote')
    await turn(content)
    if (answer !== undefined) keep(answer)
    return begin([...history, { id: mintKey(), role: 'user', content }])
  }

  /** What stands before the message `id`, and the message. */
  function before(id: string | undefined, role: ChatMessage['role']): [readonly ChatMessage[], ChatMessage] {
    if (answer !== undefined && !isBusy()) keep(answer)
    const place = history.findLastIndex((message) => message.role === role && (id === undefined || message.id === id))
    const message = history[place]
    if (message) return [history.slice(0, place), message]
    throw refusal(`There is no message of the role ${role}${id === undefined ? '' : ` with the id ${id}`}.`)
  }

  async function free(): Promise<void> {
    if (isBusy() && whenBusy !== 'interrupt') throw refusal('An answer is under way. Wait for it, or stop it.')
    if (isBusy()) await stream.stop()
  }

  return {
    get() {
      const snapshot = stream.get()
      if (shown && shownOf === snapshot) return shown
      shownOf = snapshot
      const { status, connection, error } = snapshot
      const messages = answer === undefined ? history : [...history, current(answer)]
      shown = { messages, status, connection, error, busy: isBusy(), queued: queue.map(({ content }) => content) }
      return shown
    },
    subscribe(listener) {
      const entry = () => listener()
      listeners.add(entry)
      if (listeners.size === 1) leave = stream.subscribe(look)
      return () => {
        if (listeners.delete(entry) && listeners.size === 0) leave?.()
      }
    },
    send,
    async stop() {
      const waiting = queue
      queue = []
      for (const { refuse } of waiting) refuse(refusal('The chat was stopped before this message was sent.'))
      const result = await stream.stop()
      changed()
      return result
    },
    async regenerate(id) {
      await free()
      return begin(before(id, 'assistant')[0])
    },
    async edit(id, content) {
      check(typeof content === 'string' && content !== '', 'content', content, 'what the person wrote')
      await free()
      const [earlier, message] = before(id, 'user')
      return begin([...earlier, { ...message, content }])
    },
    set(next) {
      if (isBusy()) throw refusal('An answer is under way. Stop it before the conversation is replaced.')
      history = checkMessages(next)
      answer = undefined
      changed()
    },
  }
}

const refusal = (sentence: string) => new StreamError('option', sentence)

function checkMessages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const valid =
    Array.isArray(messages) && messages.every((message) => typeof message?.content === 'string' && message.id)
  check(valid, 'messages', messages, 'an array of messages, each with `id`, `role` and `content`')
  return messages
}
