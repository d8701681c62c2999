import { AbstractChat, type ChatState, type ChatStatus, DefaultChatTransport, type UIMessage } from 'ai'
import { authorization, type Client, type Reading } from '../reading'

const textOf = (messages: readonly UIMessage[]): string =>
  messages
    .filter(({ role }) => role === 'assistant')
    .flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')))
    .join('')

/** The state of a chat without a framework; `useChat` keeps the same in React's. */
function createState(changed: () => void): ChatState<UIMessage> {
  let messages: UIMessage[] = []
  let status: ChatStatus = 'ready'
  let error: Error | undefined
  return {
    get status() {
      return status
    },
    set status(value) {
      status = value
      changed()
    },
    get error() {
      return error
    },
    set error(value) {
      error = value
    },
    get messages() {
      return messages
    },
    set messages(value) {
      messages = value
      changed()
    },
    pushMessage(message) {
      this.messages = [...messages, message]
    },
    popMessage() {
      this.messages = messages.slice(0, -1)
    },
    replaceMessage(index, message) {
      this.messages = messages.with(index, structuredClone(message))
    },
    snapshot: structuredClone,
  }
}

class Chat extends AbstractChat<UIMessage> {}

/** The chat that `useChat` holds, with the resumable endpoints of its guide. The page is visible all the time. */
export const read: Client = async ({ url, token, report }) => {
  const look = (): Reading => ({ text: textOf(chat.messages), status: 'streaming' })
  const chat = new Chat({
    id: 'chat',
    transport: new DefaultChatTransport({ api: url, headers: () => authorization(token()) }),
    state: createState(() => report(look())),
  })
  await chat.sendMessage({ text: 'Tell me.' })
  report({ ...look(), status: chat.status === 'ready' ? 'done' : 'failed', message: chat.error?.message })
}
