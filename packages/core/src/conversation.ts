// Above 150 lines: a third is documentation of the public surface, and the actions share one conversation.
import { type ChatLine, messagesIn, refuseAll } from './chat-line'
import { askedFor, type ChatDraft, type ChatMessage, messageOf, readDraft, rewritten } from './chat-message'
import { type ChatOptions, chatSettingsOf, streamOptionsOf } from './chat-options'
import { refusal } from './chat-refusal'
import type { StreamError } from './errors'
import { mintKey } from './key'
import { type Listeners, listen, tell } from './listeners'
import type { Message, MessagePart } from './message'
import { isActive, type Snapshot, type Status } from './session/transition'
import { createStream, type Run, type StopResult, type Stream } from './stream'
import { begun, restored, settled, synced } from './transcript'

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

/** Creates a conversation. Throws a `StreamError` with the code `option` that names the option and the remedy. */
export const createChat = (options: ChatOptions): Chat => createChatOn(options?.stream, options)

/** The same on a stream that others may share. */
export function createChatOn(shared: Chat['stream'] | undefined, options: ChatOptions): Chat {
  let given = chatSettingsOf(options)
  const stream = shared ?? createStream(streamOptionsOf(options))
  const initial = stream.getInitial()
  let transcript = restored(given.messages)
  let line: ChatLine = []
  const listeners: Listeners = new Set()
  /** What of the stream the conversation shows already. */
  let seen = isAnswering() ? undefined : stream.get()
  /** What of that those who watch have been told of: whoever reads in between does not take it from them. */
  let told = seen
  let shown: ChatSnapshot | undefined
  let starting = false
  let watching = false
  let leave: (() => void) | undefined

  const shownInitially = show(initial)

  function isAnswering(): boolean {
    return isActive(stream.get().status)
  }

  function isBusy(): boolean {
    return isAnswering() || line.length > 0
  }

  function show({ connection, ...answer }: Snapshot<Message>): ChatSnapshot {
    const { messages, last } = transcript
    const { status, error } = last === 'live' ? answer : initial
    return { messages, status, connection, error, busy: isBusy(), queued: messagesIn(line) }
  }

  /** Brings the conversation up to what the stream says. */
  function sync(): void {
    const snapshot = stream.get()
    if (starting || snapshot === seen) return
    seen = snapshot
    shown = undefined
    transcript = synced(transcript, snapshot, initial.data)
  }

  function changed(): void {
    told = seen
    shown = undefined
    tell(listeners)
  }

  function look(): void {
    sync()
    if (starting || told === seen) return
    changed()
    if (line.length === 0) return
    if (!isAnswering()) queueMicrotask(next)
    // Somebody detached from it. Who waits for its end needs it to go on.
    else if (stream.get().connection.state === 'idle') void stream.resume()
  }

  /** Watches the stream for as long as somebody watches here, or waits. */
  function attend(): void {
    const wanted = listeners.size > 0 || line.length > 0
    if (wanted === watching) return
    watching = wanted
    if (wanted) leave = stream.subscribe(look)
    else leave?.()
  }

  /** Lets the one who has waited longest go. */
  function next(): void {
    const [first, ...rest] = line
    if (!first || isAnswering()) return
    line = rest
    first.begin()
    attend()
    if (isAnswering()) hurry()
    else {
      changed()
      next()
    }
  }

  /** With `interrupt`, whoever waits does not wait for the end of the answer. */
  function hurry(): void {
    if (line.length > 0 && given.whenBusy === 'interrupt') void stream.stop()
  }

  /** Asks for the answer to what `compose` makes of the conversation, when its turn has come. */
  async function request(compose: () => readonly ChatMessage[], message?: ChatMessage): Promise<ChatMessage> {
    const { whenBusy, maxQueued, request } = given
    // Throws where the answer cannot even be asked for, and leaves the conversation as it was.
    const begin = async () => {
      sync()
      const asked = compose()
      const input = request(asked)
      return follow(() => stream.start(input), asked, mintKey())
    }
    if (!isBusy()) return begin()
    if (whenBusy === 'reject') throw busy()
    if (line.length >= maxQueued) throw refusal('queue-full', `${maxQueued} wait: raise \`maxQueued\`.`)
    return new Promise((resolve, refuse) => {
      line = [...line, { message, begin: () => resolve(begin()), refuse }]
      attend()
      changed()
      if (line.length === 1) hurry()
    })
  }

  /** Shows what `begin` begins as the message `id`, the answer to `asked`. */
  function follow(begin: () => Run<MessagePart, Message>, asked: readonly ChatMessage[], id: string) {
    let run: Run<MessagePart, Message>
    starting = true
    try {
      run = begin()
    } finally {
      starting = false
    }
    const snapshot = stream.get()
    if (snapshot !== seen) {
      seen = snapshot
      transcript = begun(asked, id, snapshot)
      changed()
    }
    return finish(id, run)
  }

  async function finish(id: string, run: Run<MessagePart, Message>): Promise<ChatMessage> {
    const snapshot = await run
    const next = settled(transcript, id, snapshot, stream.get())
    if (next) {
      transcript = next
      changed()
    }
    look()
    return transcript.messages.find((message) => message.id === id) ?? messageOf(id, snapshot)
  }

  return {
    get() {
      sync()
      shown ??= show(stream.get())
      return shown
    },
    getInitial: () => shownInitially,
    subscribe(listener) {
      const leave = listen(listeners, listener, attend)
      attend()
      return leave
    },
    async send(draft) {
      const message: ChatMessage = { role: 'user', ...readDraft(draft), id: mintKey() }
      return request(() => [...transcript.messages, message], message)
    },
    stop() {
      const waiting = line
      line = []
      attend()
      if (waiting.length > 0) changed()
      refuseAll(waiting)
      return stream.stop()
    },
    async resume() {
      sync()
      const { messages, last } = transcript
      return last === 'live' ? follow(stream.resume, messages.slice(0, -1), messages.at(-1)!.id) : undefined
    },
    regenerate: (id) => request(() => askedFor(transcript.messages, id)),
    async edit(id, draft) {
      const said = readDraft(draft)
      return request(() => rewritten(transcript.messages, id, said))
    },
    set(messages) {
      if (isBusy()) throw busy()
      transcript = restored(messages)
      seen = stream.get()
      changed()
    },
    update(later) {
      given = chatSettingsOf(later)
      if (!later.stream) stream.update(streamOptionsOf(later))
    },
    stream,
  }
}

const busy = () => refusal('busy', 'An answer is under way. Wait for it, stop it, or set `whenBusy`.')
