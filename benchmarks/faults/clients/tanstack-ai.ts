import { ChatClient, fetchServerSentEvents } from '@tanstack/ai-client'
import { authorization, type Client } from '../reading'

/** The chat client over its own resumable event stream; the options of a connection as a function, for fresh tokens. */
export const read: Client = async ({ url, token, report }) => {
  let text = ''
  const client = new ChatClient({
    connection: fetchServerSentEvents(url, () => ({ headers: authorization(token()) })),
    onMessagesChange: (messages) => {
      text = messages
        .filter(({ role }) => role === 'assistant')
        .flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.content : '')))
        .join('')
      report({ text, status: 'streaming' })
    },
  })
  await client.sendMessage('Tell me.')
  const error = client.getError()
  report({ text, status: error ? 'failed' : 'done', message: error?.message })
}
