// Above 150 lines: one reader for each client. Imported when it is asked for, so that a fresh process loads one alone.
import type { ChatState, UIMessage } from 'ai'
import type { Dialect } from './wires'

/** Reads one answer to its end with a page's part in it: `seen` is told how long the text is, whenever it changes. */
export type Read = (fetch: typeof globalThis.fetch, seen: (length: number) => void) => Promise<void>

export interface Reader {
  readonly dialect: Dialect
  readonly load: () => Promise<Read>
}

const url = 'http://127.0.0.1/'

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
}

/** No retry, no resume, no bound, and wrong for most event streams: the floor. */
const byHand: Reader = {
  dialect: 'openai',
  load: async () => async (fetch, seen) => {
    const response = await fetch(url, { method: 'POST', body: '{}' })
    const decoder = new TextDecoder()
    const reader = response.body!.getReader()
    let text = ''
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        if (!line.startsWith('data: {')) continue
        text += (JSON.parse(line.slice(6)) as Chunk).choices[0]?.delta.content ?? ''
        seen(text.length)
      }
    }
  },
}

const keepstream = (dialect: 'openai' | 'keepstream'): Reader => ({
  dialect,
  async load() {
    const core = await import('@keepstream/core')
    const protocol = dialect === 'openai' ? core.openaiChat() : core.keepstream()
    return async (fetch, seen) => {
      const stream = core.createStream({ url, protocol, fetch })
      const unsubscribe = stream.subscribe(() => seen(stream.get().data.text.length))
      const { status, error } = await stream.start({})
      unsubscribe()
      stream.reset()
      if (status !== 'done') throw error ?? new Error(`The stream ended as ${status}.`)
    }
  },
})

const openai: Reader = {
  dialect: 'openai',
  async load() {
    const { default: OpenAI } = await import('openai')
    return async (fetch, seen) => {
      const client = new OpenAI({ baseURL: url, apiKey: 'none', fetch })
      const stream = await client.chat.completions.create({ model: 'none', messages: [], stream: true })
      let text = ''
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? ''
        seen(text.length)
      }
    }
  },
}

/** As the state that `useChat` keeps: a message is copied each time it changes. */
function chatState(changed: (messages: readonly UIMessage[]) => void): ChatState<UIMessage> {
  let messages: UIMessage[] = []
  const set = (value: UIMessage[]) => {
    messages = value
    changed(messages)
  }
  return {
    status: 'ready',
    error: undefined,
    get messages() {
      return messages
    },
    set messages(value) {
      set(value)
    },
    pushMessage: (message) => set([...messages, message]),
    popMessage: () => set(messages.slice(0, -1)),
    replaceMessage: (index, message) => set(messages.with(index, structuredClone(message))),
    snapshot: structuredClone,
  }
}

const aiSdk: Reader = {
  dialect: 'aiSdk',
  async load() {
    const { AbstractChat, DefaultChatTransport } = await import('ai')
    class Chat extends AbstractChat<UIMessage> {}
    return async (fetch, seen) => {
      const state = chatState((messages) => {
        const part = messages.at(-1)?.parts.at(-1)
        if (messages.at(-1)?.role === 'assistant' && part?.type === 'text') seen(part.text.length)
      })
      const chat = new Chat({ transport: new DefaultChatTransport({ api: url, fetch }), state })
      await chat.sendMessage({ text: 'Tell me.' })
      if (chat.error) throw chat.error
    }
  },
}

const tanstackAi: Reader = {
  dialect: 'tanstackAi',
  async load() {
    const { ChatClient, fetchServerSentEvents } = await import('@tanstack/ai-client')
    return async (fetch, seen) => {
      const client = new ChatClient({
        connection: fetchServerSentEvents(url, { fetchClient: fetch }),
        onMessagesChange(messages) {
          const part = messages.at(-1)?.parts.at(-1)
          if (messages.at(-1)?.role === 'assistant' && part?.type === 'text') seen(part.content.length)
        },
      })
      await client.sendMessage('Tell me.')
      const error = client.getError()
      if (error) throw error
    }
  },
}

const eventsource: Reader = {
  dialect: 'plain',
  async load() {
    const { EventSource } = await import('eventsource')
    return (fetch, seen) =>
      new Promise((resolve, reject) => {
        let length = 0
        const source = new EventSource(url, {
          fetch: async (input, init) => await fetch(String(input), init as RequestInit),
        })
        source.addEventListener('message', ({ data }) => {
          length += (JSON.parse(data) as string).length
          seen(length)
        })
        source.addEventListener('done', () => {
          source.close()
          resolve()
        })
        source.addEventListener('error', ({ message }) => reject(new Error(message)))
      })
  },
}

const fetchEventSource: Reader = {
  dialect: 'plain',
  async load() {
    // It needs both to end at all; see docs/decisions/0002-fetch-is-the-default-transport.md.
    const page = { hidden: false, addEventListener() {}, removeEventListener() {} }
    Object.assign(globalThis, { window: globalThis, document: page })
    const { fetchEventSource: client } = await import('@microsoft/fetch-event-source')
    return async (fetch, seen) => {
      let length = 0
      await client(url, {
        fetch,
        openWhenHidden: true,
        onmessage({ event, data }) {
          if (event === 'done') return
          length += (JSON.parse(data) as string).length
          seen(length)
        },
      })
    }
  },
}

export const readers = {
  'fetch by hand': byHand,
  keepstream: keepstream('keepstream'),
  'keepstream, OpenAI': keepstream('openai'),
  openai,
  'AI SDK': aiSdk,
  'TanStack AI': tanstackAi,
  eventsource,
  'fetch-event-source': fetchEventSource,
} satisfies Record<string, Reader>

export type ReaderName = keyof typeof readers
