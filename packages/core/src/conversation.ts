// Above 150 lines: a third is documentation of the public surface, and the actions share one conversation.
import { StreamError } from './errors'
import { call } from './inspect'
import { mintKey } from './key'
import type { Message, MessagePart } from './message'
import { type MessageStreamOptions, messageStream } from './message-stream'
import { check, settings } from './option'
import { isActive, type Snapshot, type Status } from './session/transition'
import { createStream, type Run, type StopResult, type Stream } from './stream'
import { streamDefaults } from './stream-options'

/** What a person says, or a tool answers. */
export interface ChatDraft {
  readonly content: string
  /** Default `user`. */
  readonly role?: 'user' | 'system' | 'tool'
  /** Whatever belongs to the message, such as attachments or the model that was chosen. Only `request` reads it. */
  readonly metadata?: unknown
}

/** One message of a conversation. What the model said has its `data`, and says how it ended. */
export interface ChatMessage {
  /** Stays the same for the life of the message. */
  readonly id: string
  readonly role: 'user' | 'assistant' | 'system' | 'tool'
  readonly content: string
  readonly metadata?: unknown
  /** The answer with its reasoning, tool calls and usage; absent for what a person wrote. */
  readonly data?: Message
  /** What the answer is; absent for what a person wrote. Anything but `done` may be a part of an answer. */
  readonly status?: Status
  readonly error?: StreamError
}

/** What a conversation adds to the stream that answers. */
export interface ChatSettings {
  /**
   * The conversation so far, as a page stored it. Where it ends in an answer that was under way, and the stream rejoins
   * one, they are one message. Default none.
   */
  readonly messages?: readonly ChatMessage[]
  /**
   * The input of `start` for a conversation. Default `{ messages: [{ role, content }] }`, without empty answers. What it
   * throws, the action throws, and the conversation stays as it is.
   */
  readonly request?: (messages: readonly ChatMessage[]) => unknown
  /**
   * What `send`, `regenerate` and `edit` do while an answer is under way: `reject` refuses, `queue` waits for its turn,
   * `interrupt` ends that answer first, and keeps the part that is there. Default `reject`.
   */
  readonly whenBusy?: 'reject' | 'queue' | 'interrupt'
  /** The most actions that wait; one more is refused. Default 16. */
  readonly maxQueued?: number
}

/** The options of the stream that answers, of which the protocol has a default, and those of the conversation. */
export interface ChatOptions extends MessageStreamOptions, ChatSettings {
  /** The stream that answers, where there is one already, such as one of the registry. Then no options of a stream are given. */
  readonly stream?: Stream<MessagePart, Message>
}

export interface ChatSnapshot {
  /** The answer that is under way is the last one. A message that does not change stays the same object. */
  readonly messages: readonly ChatMessage[]
  /** Of the latest answer; `idle` before the first one and after `set`. */
  readonly status: Status
  readonly connection: Snapshot<Message>['connection']
  /** Why the latest answer is not complete. */
  readonly error: StreamError | undefined
  /** Whether an answer is under way, or somebody waits for one. */
  readonly busy: boolean
  /** What waits to be sent, oldest first, with the ids that the messages will have. */
  readonly queued: readonly ChatMessage[]
}

/**
 * A conversation on one stream. The functions need no `this`. Those that ask for an answer resolve with it once it settles,
 * however it does: look at its `status`, which is still `streaming` where nobody watched any more and the stream was left.
 * They reject where nothing was asked, with a `StreamError` of the code `option`, whose `reason` is `busy`, `queue-full`,
 * `stopped` or `unknown`, or with what `request` threw.
 */
export interface Chat {
  /** The same object until something changes. */
  readonly get: () => ChatSnapshot
  /** The conversation as it was given, for a render on a server. */
  readonly getInitial: () => ChatSnapshot
  /** Calls `listener` after each change; returns how to leave. What waits keeps the stream connected without anybody. */
  readonly subscribe: (listener: () => void) => () => void
  /** Adds a message and asks for the answer. */
  readonly send: (draft: string | ChatDraft) => Promise<ChatMessage>
  /** Ends the answer, and refuses what waits. What has arrived stays. */
  readonly stop: () => Promise<StopResult>
  /** Goes on with the latest answer where it was interrupted or failed, if its server can; it stays the same message. */
  readonly resume: () => Promise<ChatMessage | undefined>
  /** Asks once more for the answer `id`, by default for that to the last message. What came after it goes. */
  readonly regenerate: (id?: string) => Promise<ChatMessage>
  /** Rewrites a message that is no answer, and asks for the answer to it. What came after it goes. */
  readonly edit: (id: string, draft: string | ChatDraft) => Promise<ChatMessage>
  /** Replaces the conversation, such as by one that was stored. Refused while an answer is under way. */
  readonly set: (messages: readonly ChatMessage[]) => void
  /** Hands over the options of the next action, but not the messages. */
  readonly update: (options: ChatOptions) => void
  /** What answers, for statistics and events. */
  readonly stream: Stream<MessagePart, Message>
}

interface Waiting {
  readonly message: ChatMessage | undefined
  readonly go: () => void
  readonly refuse: (error: unknown) => void
}

/** What most endpoints want. An answer of which nothing arrived would only confuse the model. */
function ask(messages: readonly ChatMessage[]): unknown {
  const said = messages.filter(({ role, content }) => role !== 'assistant' || content !== '')
  return { messages: said.map(({ role, content }) => ({ role, content })) }
}

/** Creates a conversation. Throws a `StreamError` with the code `option` that names the option and the remedy. */
export function createChat(options: ChatOptions): Chat {
  const given = read(options)
  return converse(options.stream ?? createStream(streamOptionsOf(options)), given)
}

/** The same on a stream that others may share. */
export const createChatOn = (stream: Chat['stream'], options: ChatOptions): Chat => converse(stream, read(options))

function converse(stream: Chat['stream'], settings: Required<ChatSettings>): Chat {
  let given = settings
  const listeners = new Set<() => void>()
  const initial = stream.getInitial()
  let history: readonly ChatMessage[] = []
  /** The message that shows what the stream says, which is the last one; absent where it says nothing of this conversation. */
  let answer: string | undefined
  /** The message whose page was left while it was under way. */
  let left: string | undefined
  let queue: readonly Waiting[] = []
  /** What of the stream the conversation shows already. */
  let seen: Snapshot<Message> | undefined
  /** What of that those who watch have been told of: whoever reads in between does not take it from them. */
  let told: Snapshot<Message> | undefined
  let shown: ChatSnapshot | undefined
  let starting = false
  let watching = false
  let leave: (() => void) | undefined

  const isAnswering = () => isActive(stream.get().status)
  const isBusy = () => isAnswering() || queue.length > 0

  function restore(messages: readonly ChatMessage[]): void {
    history = checkMessages(messages).map((message) => (isActive(message.status ?? 'idle') ? cut(message) : message))
    left = history.at(-1) === messages.at(-1) ? undefined : history.at(-1)?.id
    answer = undefined
    told = seen = isAnswering() ? undefined : stream.get()
    shown = undefined
  }

  restore(given.messages)
  const shownInitially = show({ ...initial, status: 'idle', error: undefined })

  function show({ status, connection, error }: Omit<Snapshot<Message>, 'data'>): ChatSnapshot {
    const queued = queue.flatMap(({ message }) => message ?? [])
    return { messages: history, status, connection, error, busy: isBusy(), queued }
  }

  /** Brings the conversation up to what the stream says. */
  function sync(): void {
    const snapshot = stream.get()
    if (starting || snapshot === seen) return
    seen = snapshot
    shown = undefined
    const last = history.at(-1)
    if (answer !== undefined && !isOf(last!, snapshot, initial.data)) part()
    if (answer === undefined) {
      if (!isActive(snapshot.status)) return
      // An answer that another page began, or this one before it was loaded again, or another owner of the stream.
      answer = left === last?.id && left !== undefined ? left : mintKey()
      if (answer !== left) history = [...history, messageOf(answer, snapshot)]
      left = undefined
    }
    history = [...history.slice(0, -1), messageOf(answer, snapshot)]
  }

  /** The stream goes on to something else: what it said last stays. */
  function part(): void {
    const last = history.at(-1)!
    if (isActive(last.status!)) history = [...history.slice(0, -1), cut(last)]
    answer = undefined
  }

  function changed(): void {
    told = seen
    shown = undefined
    for (const listener of [...listeners]) {
      // One of those before it may have taken it away.
      if (listeners.has(listener)) call(listener)
    }
  }

  function look(): void {
    sync()
    if (starting || told === seen) return
    changed()
    if (queue.length === 0) return
    if (!isAnswering()) queueMicrotask(next)
    // Somebody detached from it. Who waits for its end needs it to go on.
    else if (stream.get().connection.state === 'idle') void stream.resume()
  }

  /** Watches the stream for as long as somebody watches here, or waits. */
  function attend(): void {
    const wanted = listeners.size > 0 || queue.length > 0
    if (wanted === watching) return
    watching = wanted
    if (wanted) leave = stream.subscribe(look)
    else leave?.()
  }

  /** Lets the one who has waited longest go. */
  function next(): void {
    const [first, ...rest] = queue
    if (!first || isAnswering()) return
    queue = rest
    first.go()
    attend()
    if (isAnswering()) hurry()
    else next()
  }

  /** With `interrupt`, whoever waits does not wait for the end of the answer. */
  function hurry(): void {
    if (queue.length > 0 && given.whenBusy === 'interrupt') void stream.stop()
  }

  /** Asks for the answer to what `compose` makes of the conversation, when its turn has come. */
  async function request(compose: () => readonly ChatMessage[], message?: ChatMessage): Promise<ChatMessage> {
    const { whenBusy, maxQueued, request } = given
    if (!isBusy()) return begin(compose, request)
    if (whenBusy === 'reject') throw busy()
    if (queue.length >= maxQueued) throw refusal(`${maxQueued} wait: raise \`maxQueued\`.`, 'queue-full')
    return new Promise((resolve, refuse) => {
      const go = () => {
        try {
          resolve(begin(compose, request))
        } catch (error) {
          refuse(error)
          changed()
        }
      }
      queue = [...queue, { message, go, refuse }]
      attend()
      changed()
      if (queue.length === 1) hurry()
    })
  }

  /** Throws where the answer cannot even be asked for, and leaves the conversation as it was. */
  function begin(compose: () => readonly ChatMessage[], request: Required<ChatSettings>['request']) {
    sync()
    const asked = compose()
    const input = request(asked)
    return follow(() => stream.start(input), asked, mintKey())
  }

  /** Shows what `go` begins as the message `id`. */
  function follow(go: () => Run<MessagePart, Message>, before: readonly ChatMessage[], id: string) {
    let run: Run<MessagePart, Message>
    starting = true
    try {
      run = go()
    } finally {
      starting = false
    }
    const snapshot = stream.get()
    if (snapshot !== seen) {
      seen = snapshot
      answer = id
      left = undefined
      history = [...before, messageOf(id, snapshot)]
      changed()
    }
    return finish(id, run)
  }

  async function finish(id: string, run: Run<MessagePart, Message>): Promise<ChatMessage> {
    const snapshot = await run
    const own = messageOf(id, snapshot)
    const shows = history.find((message) => message.id === id)
    // Another owner of the stream has begun another answer, before anybody here saw how this one ended.
    if (answer !== id ? shows && shows.status !== snapshot.status : stream.get().data !== snapshot.data) {
      answer = answer === id ? undefined : answer
      const end = isActive(snapshot.status) ? cut(own) : own
      history = history.map((message) => (message.id === id ? end : message))
      changed()
    }
    look()
    return history.find((message) => message.id === id) ?? own
  }

  /** Where the message `id` stands. */
  function placeOf(id: string, isAnswer: boolean): number {
    const place = history.findIndex((message) => message.id === id && (message.role === 'assistant') === isAnswer)
    if (place >= 0) return place
    throw refusal(`There is no such message: ${id}.`, 'unknown')
  }

  return {
    get() {
      sync()
      shown ??= show(answer === undefined ? { ...stream.get(), status: 'idle', error: undefined } : stream.get())
      return shown
    },
    getInitial: () => shownInitially,
    subscribe(listener) {
      const entry = () => listener()
      listeners.add(entry)
      attend()
      return () => {
        listeners.delete(entry)
        attend()
      }
    },
    async send(draft) {
      const message: ChatMessage = { role: 'user', ...readDraft(draft), id: mintKey() }
      return request(() => [...history, message], message)
    },
    stop() {
      const waiting = queue
      queue = []
      attend()
      if (waiting.length > 0) changed()
      for (const { refuse } of waiting) refuse(refusal('Stopped before it was sent.', 'stopped'))
      return stream.stop()
    },
    async resume() {
      sync()
      if (answer === undefined) return undefined
      return follow(stream.resume, history.slice(0, -1), answer)
    },
    regenerate: (id) =>
      request(() => {
        const last = history.length - (history.at(-1)?.role === 'assistant' ? 1 : 0)
        const asked = history.slice(0, id === undefined ? last : placeOf(id, true))
        if (asked.length > 0) return asked
        throw refusal('There is nothing to answer yet.', 'unknown')
      }),
    async edit(id, draft) {
      const rewritten = readDraft(draft)
      return request(() => {
        const place = placeOf(id, false)
        return [...history.slice(0, place), { ...history[place]!, ...rewritten, id }]
      })
    },
    set(messages) {
      if (isBusy()) throw busy()
      restore(messages)
      changed()
    },
    update(later) {
      given = read(later)
      if (!later.stream) stream.update(streamOptionsOf(later))
    },
    stream,
  }
}

const refusal = (sentence: string, reason: string) => new StreamError('option', sentence, { reason })

const busy = () => refusal('An answer is under way. Wait for it, stop it, or set `whenBusy`.', 'busy')

const messageOf = (id: string, { data, status, error }: Snapshot<Message>): ChatMessage => ({
  id,
  role: 'assistant',
  content: data.text,
  data,
  status,
  ...(error && { error }),
})

const cut = (message: ChatMessage): ChatMessage => ({ ...message, status: 'interrupted' })

/** Whether `snapshot` is of the answer that `message` shows, and not of another one on the same stream. */
function isOf({ data, status = 'idle' }: ChatMessage, snapshot: Snapshot<Message>, empty: Message): boolean {
  if (snapshot.status === 'idle') return false
  // One that begins has no connection yet, and nothing of the one before it. An answer that is void keeps its connection.
  const begins = snapshot.status === 'pending' && snapshot.connection.state === 'idle'
  if (isActive(status) ? !begins : begins && data === empty) return isActive(status)
  return snapshot.data === data
}

const own = { messages: [], request: ask, whenBusy: 'reject', maxQueued: 16 }
const ofStream = Object.keys(streamDefaults)

function read(options: ChatOptions): Required<ChatSettings> {
  const defaults = { stream: undefined, ...own, ...streamDefaults }
  const { stream, messages, request, whenBusy, maxQueued } = settings<Record<string, unknown>>(
    '',
    defaults,
    options && { ...options },
  )
  check(
    stream === undefined || (stream as Chat['stream'])?.subscribe,
    'stream',
    stream,
    'a stream that is there already, or the options of one beside `messages`',
  )
  for (const name of stream ? ofStream : []) {
    const value = options[name as keyof ChatOptions]
    check(value === undefined, name, value, 'it to the stream that you gave as `stream`')
  }
  const modes = /^(reject|queue|interrupt)$/
  check(modes.test(String(whenBusy)), 'whenBusy', whenBusy, "'reject', 'queue' or 'interrupt'")
  return { messages, request, whenBusy, maxQueued } as Required<ChatSettings>
}

/** What of the options is for the stream. */
export function streamOptionsOf({ messages, request, whenBusy, maxQueued, stream, ...options }: ChatOptions) {
  return messageStream(options)
}

function readDraft(draft: string | ChatDraft): ChatDraft {
  const said = typeof draft === 'string' ? { content: draft } : draft
  const { content, metadata, role = 'user' } = said ?? {}
  const valid = typeof content === 'string' && (content !== '' || metadata !== undefined)
  check(valid && /^(user|system|tool)$/.test(role), 'draft', draft, 'a text, or `{ content, role }`')
  return said
}

function checkMessages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const ids = new Set<unknown>()
  const valid =
    Array.isArray(messages) &&
    messages.every(
      (message) => message?.id && message.role && typeof message.content === 'string' && ids.add(message.id),
    )
  check(
    valid && ids.size === messages.length,
    'messages',
    messages,
    'messages, each with its own `id`, `role`, `content`',
  )
  return messages
}
