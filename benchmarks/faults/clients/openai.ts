import OpenAI from 'openai'
import type { Client } from '../reading'

/** The streaming helper, which knows whether an answer was finished; two retries are its default. */
export const read: Client = async ({ url, token, report }) => {
  const client = new OpenAI({ baseURL: url, apiKey: async () => token(), timeout: 5_000 })
  const stream = client.chat.completions.stream({
    model: 'scripted',
    messages: [{ role: 'user', content: 'Tell me.' }],
  })
  let text = ''
  stream.on('content', (delta) => {
    text += delta
    report({ text, status: 'streaming' })
  })
  await stream.finalContent()
  report({ text, status: 'done' })
}
